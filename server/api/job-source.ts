import type { Context } from 'hono'
import { AppError, type Problem } from '#core/errors.ts'
import { parseDocument } from '#core/jobs/parse.ts'
import { isJsonObject, type JsonObject } from '#core/json.ts'
import type { Env } from '../env.ts'
import { readBytes } from '../read-body.ts'

/** Twice what the reader of job files takes, so that it can say its own limit. */
const SOURCE_MAX_BYTES = 512 * 1024

/** A definition as it was sent. */
export type Source = string | JsonObject

/** How it may be sent. */
export const SOURCE = ['application/json', 'application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml'].map(
  (media) => ({
    media,
    says: 'The definition of a job',
  }),
)

const JSON_TYPE = /^application\/(json|[\w.+-]+\+json)\b/i
const YAML_TYPE = /^(application|text)\/(x-)?yaml\b/i

/** The definition in a body of JSON or YAML, or why it is none: that is for the caller to refuse or to tell. */
export async function readSource(c: Context<Env>): Promise<{ source: Source } | { problem: Problem }> {
  const bytes = await readBytes(c, SOURCE_MAX_BYTES)
  const type = c.req.header('content-type') ?? ''
  const isJson = JSON_TYPE.test(type)
  if (!isJson && !YAML_TYPE.test(type)) {
    throw new AppError('unsupported_media_type', 'Send the job as application/json or application/yaml.')
  }
  const text = textOf(bytes)
  if (text === undefined) return { problem: { path: '', message: 'The body is not valid UTF-8.' } }
  return isJson ? jsonSource(text) : { source: text }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function jsonSource(text: string): { source: Source } | { problem: Problem } {
  try {
    const value = JSON.parse(text)
    return isJsonObject(value)
      ? { source: value }
      : { problem: { path: '', message: 'A job must be an object with jobId, displayName and steps.' } }
  } catch {
    // The reader of job files knows line and column, as far as JSON is YAML.
    const [first] = parseDocument(text).problems
    return { problem: first ?? { path: '', message: 'The body is not valid JSON.' } }
  }
}

/** The same, refused when it cannot be read at all. */
export async function requireSource(c: Context<Env>): Promise<Source> {
  const read = await readSource(c)
  if ('source' in read) return read.source
  throw new AppError('bad_request', read.problem.message, { problems: [read.problem] })
}

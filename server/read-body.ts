import type { Context } from 'hono'
import type { z } from 'zod'
import { AppError } from '#core/errors.ts'
import type { Env } from './env.ts'

/** Largest JSON body: inputs of a run may have 1 MiB, and JSON needs some more around them. */
export const BODY_MAX_BYTES = 2 * 1024 * 1024

/** The JSON body of a request, or an empty object where there is none. */
async function readJson(c: Context<Env>): Promise<unknown> {
  const bytes = await readBytes(c, BODY_MAX_BYTES)
  if (bytes.byteLength === 0) return {}
  const type = c.req.header('content-type') ?? ''
  if (!/^application\/(json|[\w.+-]+\+json)\b/i.test(type)) {
    throw new AppError('unsupported_media_type', 'Send JSON, with Content-Type: application/json.')
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new AppError('bad_request', 'The body is not valid JSON.')
  }
}

/** The body, checked against its schema; every problem at once, each with its path. */
export async function readBody<T extends z.ZodType>(c: Context<Env>, schema: T): Promise<z.infer<T>> {
  return checked(schema, await readJson(c), 'The body')
}

/** Query parameters, checked likewise. */
export function readQuery<T extends z.ZodType>(c: Context<Env>, schema: T): z.infer<T> {
  return checked(schema, c.req.query(), 'The query')
}

/** Something that was sent, checked against its schema; every problem at once, each with its path. */
export function checked<T extends z.ZodType>(schema: T, value: unknown, what: string): z.infer<T> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'is unknown' }))
      : [{ path: issue.path.join('.'), message: issue.message }],
  )
  const list = problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ')
  throw new AppError('bad_request', `${what} is wrong: ${list}`, { problems })
}

/** Reads no more than that, whatever the Content-Length promised. */
export async function readBytes(c: Context<Env>, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = new AppError('too_large', `The body is larger than ${Math.floor(maxBytes / 1024)} KiB.`)
  if (Number(c.req.header('content-length') ?? 0) > maxBytes) throw tooLarge
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of c.req.raw.body ?? []) {
    size += chunk.byteLength
    if (size > maxBytes) throw tooLarge
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

import type { SignatureScheme } from '#db/schema.ts'
import { AppError } from '../errors.ts'
import { isJsonObject, isShallow, type Json, type JsonObject, setField } from '../json.ts'
import type { RawRequest } from './signature.ts'

/** What a mapping sees of a delivery, and what is kept of it. */
export interface Payload {
  /** By their names in lower case; what is or may be a secret is masked. */
  headers: Record<string, string>
  body: Json
}

const DEPTH_MAX = 64
const HEADERS_MAX = 100
const HEADER_CHARACTERS_MAX = 4_000
const MASK = '••••'
/** Names of headers that carry what nobody else should have. */
const SECRET_HEADER = /auth|cookie|secret|token|signature|api-?key|password|credential/i

/** Reads a request that is known to be signed. Refused: `bad_request` for what cannot be read, `unsupported_media_type`. */
export function readPayload(scheme: SignatureScheme, { bytes, headers }: RawRequest): Payload {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const body = readBody(type, textOf(bytes))
  const whole = scheme === 'github' ? unwrapped(type, body) : body
  if (!isShallow(whole, DEPTH_MAX)) {
    throw new AppError('bad_request', `The body is nested deeper than ${DEPTH_MAX} levels.`)
  }
  return { headers: keptHeaders(headers), body: whole }
}

export function keptHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(headers)
    .slice(0, HEADERS_MAX)
    .map(([name, value]) => {
      const lower = name.toLowerCase()
      return [lower, SECRET_HEADER.test(lower) ? MASK : value.slice(0, HEADER_CHARACTERS_MAX)] as const
    })
  return Object.fromEntries(kept)
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new AppError('bad_request', 'The body is not text in UTF-8.')
  }
}

/** Without a type it is what most senders send. */
function readBody(type: string, text: string): Json {
  if (text.trim() === '') return null
  if (type === '' || /^application\/(json|[\w.+-]+\+json)$/.test(type)) return readJson(text)
  if (type === 'application/x-www-form-urlencoded') return readForm(text)
  if (/^text\/(plain|markdown|csv)$/.test(type)) return text
  throw new AppError(
    'unsupported_media_type',
    'Send JSON (application/json), a form (application/x-www-form-urlencoded) or plain text.',
  )
}

function readJson(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    throw new AppError('bad_request', 'The body is not valid JSON.')
  }
}

/** A name that comes more than once has a list of values. */
function readForm(text: string): JsonObject {
  const values = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(text)) values.set(name, [...(values.get(name) ?? []), value])
  const form: JsonObject = {}
  for (const [name, [first = '', ...more]] of values) setField(form, name, more.length === 0 ? first : [first, ...more])
  return form
}

/** GitHub sends its JSON as the field of a form where nobody has chosen otherwise. */
function unwrapped(type: string, body: Json): Json {
  const isWrapped = type === 'application/x-www-form-urlencoded' && isJsonObject(body) && Object.hasOwn(body, 'payload')
  return isWrapped && typeof body.payload === 'string' ? readJson(body.payload) : body
}

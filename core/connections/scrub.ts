import { isJsonObject, type Json } from '../json.ts'

const MASK = '••••'
/** What is shorter stands in too many texts by chance. */
const SECRET_MIN_CHARACTERS = 8
/** The beginning of a secret at the very end of an answer that was cut; shorter ones say nothing. */
const TAIL_MIN_BYTES = 4

/** Takes secrets out of what comes back from where they were sent to. */
export interface Scrubber {
  text(text: string): string
  /** `isCut`: it goes on, so that a secret may stand at its end in part. */
  bytes(bytes: Uint8Array, isCut: boolean): Uint8Array
  json<T extends Json>(value: T): T
}

/** Finds them as they are and as JSON, addresses and base64 write them. */
export function scrubberFor(secrets: readonly string[]): Scrubber {
  const forms = [...new Set(secrets.filter(({ length }) => length >= SECRET_MIN_CHARACTERS).flatMap(formsOf))]
  // The longest first: one may stand within another.
  const texts = forms.sort((one, other) => other.length - one.length)
  const text = (given: string): string => texts.reduce((rest, form) => rest.replaceAll(form, MASK), given)
  const json = (value: Json): Json => {
    if (typeof value === 'string') return text(value)
    if (typeof value === 'number') return text(String(value)) === String(value) ? value : MASK
    if (Array.isArray(value)) return value.map(json)
    if (!isJsonObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [text(name), json(inner)]))
  }
  return {
    text,
    bytes: (given, isCut) => scrubBytes(given, texts, isCut),
    json: <T extends Json>(value: T) => (texts.length === 0 ? value : (json(value) as T)),
  }
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const escaped = JSON.stringify(secret).slice(1, -1)
  const encoded = encodeURIComponent(secret)
  const forms = [secret, escaped, escaped.replaceAll('/', '\\/'), encoded, encoded.replaceAll('%20', '+')]
  return [...forms, bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url')]
}

function scrubBytes(given: Uint8Array, forms: readonly string[], isCut: boolean): Uint8Array {
  if (forms.length === 0) return given
  let bytes = Buffer.from(given)
  for (const form of forms) {
    const wanted = Buffer.from(form)
    if (bytes.includes(wanted)) {
      // As latin1 every byte is one character and stays what it is.
      const mask = Buffer.from(MASK).toString('latin1')
      bytes = Buffer.from(bytes.toString('latin1').replaceAll(wanted.toString('latin1'), mask), 'latin1')
    }
    if (isCut) bytes = withoutTail(bytes, wanted)
  }
  return bytes
}

function withoutTail(bytes: Buffer<ArrayBuffer>, wanted: Buffer): Buffer<ArrayBuffer> {
  for (let length = Math.min(wanted.length - 1, bytes.length); length >= TAIL_MIN_BYTES; length--) {
    if (bytes.subarray(-length).equals(wanted.subarray(0, length))) {
      return Buffer.concat([bytes.subarray(0, -length), Buffer.from(MASK)])
    }
  }
  return bytes
}

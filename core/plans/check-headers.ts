import type { Problem } from '../errors.ts'
import type { Json } from '../json.ts'

const HEADERS_MAX = 10
const VALUE_MAX = 200
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/i
/** What names a host or belongs to the connection, and what opens something: neither is for a model to say. */
const NOT_ITS_OWN =
  /^(host|connection|keep-alive|content-length|transfer-encoding|te|trailer|upgrade|expect|forwarded|via|origin|referer|proxy-.*|x-forwarded-.*|x-real-ip|x-original-.*|x-rewrite-.*|metadata.*|x-aws-.*|x-google-.*|webhook-.*)$/i
const OPENS_SOMETHING = /auth|token|secret|key|cookie|passw|credential|signature|session/i
const LOOKS_SECRET =
  /^\s*(bearer|basic|digest|token)\s+\S|\b(sk|pk|mst|ghp|gho|xox[abp])[-_][A-Za-z0-9-_]{8,}|^eyJ[\w-]{10,}\./i
// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these end a header and begin another
const BREAKS = /[\u0000-\u001f\u007f]/

/** Everything that a call of a plan may not send as headers. */
export function headerProblems(headers: Readonly<Record<string, Json>>, path: string): Problem[] {
  const names = Object.keys(headers)
  const problems: Problem[] =
    names.length > HEADERS_MAX ? [{ path, message: `are ${names.length}; at most ${HEADERS_MAX} are sent` }] : []
  for (const name of names) {
    const why = whyNotSent(name, headers[name])
    if (why !== undefined) problems.push({ path: `${path}.${name.slice(0, 60)}`, message: why })
  }
  return problems
}

function whyNotSent(name: string, value: unknown): string | undefined {
  if (!NAME.test(name) || name.length > 60) return 'cannot be the name of a header'
  if (NOT_ITS_OWN.test(name)) return 'is not for a plan to say: it is about where the call goes'
  if (OPENS_SOMETHING.test(name)) return 'is not for a plan to say: credentials stand with the endpoint'
  if (typeof value !== 'string') return 'must be text'
  if (value.length > VALUE_MAX || BREAKS.test(value)) return `must be one line of at most ${VALUE_MAX} characters`
  return LOOKS_SECRET.test(value) ? 'looks like a credential, which stands with the endpoint' : undefined
}

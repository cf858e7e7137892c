import { AppError, type Problem } from '../errors.ts'
import { cleanHeaders } from '../outbound/headers.ts'
import { OutboundError } from '../outbound/outbound.ts'
import { checkSchema } from '../schema-check.ts'
import { type EndpointDefinition, NAME, REQUEST_BYTES, RESPONSE_BYTES, TIMEOUT_MS } from './endpoint.ts'
import { MASK } from './masked.ts'

/**
 * Everything that is wrong with an endpoint, at once (`bad_input`). Whether its address may be reached is not asked here:
 * that is decided with each call, because names move.
 */
export function checkEndpoint(endpoint: EndpointDefinition): void {
  const problems: Problem[] = [
    ...nameProblems(endpoint.name),
    ...urlProblems('url', endpoint.url),
    ...headerProblems('headers', endpoint.headers),
    ...within('timeoutMs', endpoint.timeoutMs, TIMEOUT_MS.min, TIMEOUT_MS.max),
    ...within('maxRequestBytes', endpoint.maxRequestBytes, 1, REQUEST_BYTES.max),
    ...within('maxResponseBytes', endpoint.maxResponseBytes, 1, RESPONSE_BYTES.max),
    ...(endpoint.bodySchema ? checkSchema(endpoint.bodySchema, 'bodySchema') : []),
  ]
  if (endpoint.bodySchema && endpoint.bodySchema.type !== 'object') {
    problems.push({ path: 'bodySchema.type', message: 'must be object' })
  }
  refuse(`The endpoint ${endpoint.name}`, problems)
}

export function refuse(what: string, problems: readonly Problem[]): void {
  if (problems.length === 0) return
  const list = problems.map(({ path, message }) => `${path} ${message}`).join('; ')
  throw new AppError('bad_input', `${what} cannot be stored: ${list}.`, { problems: [...problems] })
}

export const nameProblems = (name: string): Problem[] =>
  NAME.test(name) ? [] : [{ path: 'name', message: 'must be 1 to 48 of a-z 0-9 _ -, beginning with a letter' }]

export function urlProblems(path: string, text: string): Problem[] {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol)) return [{ path, message: 'must be an http or https address' }]
  if (url.username !== '' || url.password !== '') {
    return [{ path, message: 'must not hold a user or a password; put them into a header' }]
  }
  return []
}

export function headerProblems(path: string, headers: Readonly<Record<string, string>>): Problem[] {
  return Object.entries(headers).flatMap(([name, value]): Problem[] => {
    if (value.startsWith(MASK)) {
      return [{ path: `${path}.${name}`, message: 'is only what is shown of a value; enter it again' }]
    }
    try {
      cleanHeaders({ [name]: value })
      return []
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error
      return [{ path: `${path}.${name}`, message: 'is no header that can be sent' }]
    }
  })
}

export function within(path: string, value: number, min: number, max: number): Problem[] {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return []
  return [{ path, message: `must be a whole number from ${min} to ${max}` }]
}

import { nameProblems, refuse, urlProblems } from '../endpoints/check.ts'
import type { Problem } from '../errors.ts'
import { isAllowed, readAllowed } from '../outbound/allow.ts'
import { cleanHeaders } from '../outbound/headers.ts'
import { OutboundError } from '../outbound/outbound.ts'
import type { Auth, ConnectionSettings, ProviderKind } from './connection.ts'

/** Short ones could not be told from words in what a provider answers, and would be guessed. */
const SECRET_CHARACTERS = { min: 8, max: 8_000 }

/** Everything that is wrong with a new connection, at once (`bad_input`). Never says what the secret is. */
export function checkConnection(
  connection: { name: string; provider: ProviderKind; secret: string; settings: ConnectionSettings },
  outboundAllow: readonly string[],
): void {
  const { name, provider, secret, settings } = connection
  refuse(`The connection ${name.slice(0, 60)}`, [
    ...nameProblems(name),
    ...secretProblems(secret),
    ...(provider === 'smtp' ? mailProblems(settings) : webProblems(settings, outboundAllow)),
  ])
}

export function checkSecret(name: string, secret: string): void {
  refuse(`The connection ${name}`, secretProblems(secret))
}

function secretProblems(secret: string): Problem[] {
  const { min, max } = SECRET_CHARACTERS
  if (secret.length < min || secret.length > max) {
    return [{ path: 'secret', message: `must have ${min} to ${max} characters` }]
  }
  return isHeader('x-secret', secret) ? [] : [{ path: 'secret', message: 'must be one line of text' }]
}

function webProblems({ baseUrl, auth, testPath }: ConnectionSettings, outboundAllow: readonly string[]): Problem[] {
  const problems = urlProblems('baseUrl', baseUrl)
  if (problems.length > 0) return problems
  const url = new URL(baseUrl)
  const allowed = outboundAllow.map(readAllowed).filter((one) => one !== undefined)
  if (url.protocol === 'http:' && !isAllowed(allowed, url.hostname, Number(url.port) || 80)) {
    problems.push({ path: 'baseUrl', message: 'must be https: a secret is not sent where others can read it' })
  }
  if (url.search !== '' || url.hash !== '') problems.push({ path: 'baseUrl', message: 'must have no ? and no #' })
  if (testPath !== null && !/^\/(?!\/)/.test(testPath)) {
    problems.push({ path: 'testPath', message: 'must begin with one /' })
  }
  return [...problems, ...authProblems(auth)]
}

function authProblems(auth: Auth): Problem[] {
  if (auth.type === 'header' && !isHeader(auth.name, 'x')) {
    return [{ path: 'auth.name', message: 'is no header that can be sent' }]
  }
  if (auth.type === 'query' && !/^[\w.-]{1,100}$/.test(auth.name)) {
    return [{ path: 'auth.name', message: 'must be letters, digits and . _ -' }]
  }
  // Everything behind a colon would count as the password.
  if (auth.type === 'basic' && (auth.user.includes(':') || !isHeader('x-user', auth.user))) {
    return [{ path: 'auth.user', message: 'must be one line without a colon' }]
  }
  return []
}

function mailProblems({ baseUrl, auth, testPath }: ConnectionSettings): Problem[] {
  const url = URL.parse(baseUrl)
  const problems: Problem[] = []
  if (!url || !/^smtps?:$/.test(url.protocol) || url.hostname === '' || url.username !== '' || url.password !== '') {
    problems.push({ path: 'baseUrl', message: 'must be smtps://host or smtp://host, with a port if it is another' })
  }
  if (auth.type !== 'basic' || auth.user === '') {
    problems.push({ path: 'auth', message: 'must be basic, with the user of the mailbox' })
  } else problems.push(...authProblems(auth))
  if (testPath !== null) problems.push({ path: 'testPath', message: 'is not for mail' })
  return problems
}

/** Also false for names that are not the caller's to set: they would be left out in silence. */
function isHeader(name: string, value: string): boolean {
  try {
    return name.trim().toLowerCase() in cleanHeaders({ [name]: value })
  } catch (error) {
    if (error instanceof OutboundError) return false
    throw error
  }
}

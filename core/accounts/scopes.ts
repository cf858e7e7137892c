import { AppError } from '../errors.ts'

/** What an API key may do at most. `write` reads as well; `admin` is all, with what platform admins do. */
export const API_SCOPES = ['read', 'write', 'admin'] as const
export type ApiScope = (typeof API_SCOPES)[number]

const COVERS: Record<ApiScope, readonly ApiScope[]> = {
  read: ['read'],
  write: ['read', 'write'],
  admin: ['read', 'write', 'admin'],
}

/** No scopes at all allow everything that the account itself may do. */
export const scopesAllow = (scopes: readonly ApiScope[], needed: ApiScope): boolean =>
  scopes.length === 0 || scopes.some((scope) => COVERS[scope].includes(needed))

const isScope = (name: string): name is ApiScope => (API_SCOPES as readonly string[]).includes(name)

/** Known scopes, each once, or `bad_input`. */
export function checkScopes(names: readonly string[]): ApiScope[] {
  const unknown = names.find((name) => !isScope(name))
  if (unknown === undefined) return API_SCOPES.filter((scope) => names.includes(scope))
  const message = `There is no scope ${unknown}; there are ${API_SCOPES.join(', ')}.`
  throw new AppError('bad_input', message, { problems: [{ path: 'scopes', message }] })
}

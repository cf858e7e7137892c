/** Who pays, and whose settings, jobs and limits apply: a person's own context or a team's. */
export type Context = { type: 'user'; id: string } | { type: 'team'; id: string }

/** `user:acc_…` or `team:team_…`: how a context stands in the database. */
export type ContextKey = string

export const contextKey = (context: Context): ContextKey => `${context.type}:${context.id}`

export const personal = (accountId: string): Context => ({ type: 'user', id: accountId })
export const teamContext = (teamId: string): Context => ({ type: 'team', id: teamId })

/** The reverse of `contextKey`; what it made is all it takes. */
export function contextOf(key: ContextKey): Context {
  const [type, id] = key.split(':')
  if ((type !== 'user' && type !== 'team') || !id) throw new Error(`Not a context: ${key}`)
  return { type, id }
}

/** The wallet of a context: its account in the ledger. */
export const walletOf = (context: Context): string => `wallet:${contextKey(context)}`

import { type Context, personal } from '../context.ts'
import { AppError } from '../errors.ts'

/** What somebody wrote for a context, before anybody looks whether there is one. */
export type Wish =
  | { type: 'personal' }
  | { type: 'user'; id: string }
  | { type: 'team'; id: string }
  /** What a person typed: an id or a name. */
  | { type: 'team_named'; text: string }

/** Reads `personal`, `team:<name or id>`, `team/<id>` or `user/<id>`; `bad_input` for anything else. */
export function readExplicit(text: string): Wish {
  const wanted = text.trim()
  if (/^personal$/i.test(wanted)) return { type: 'personal' }
  const [, kind = '', mark, rest = ''] = /^(team|user)\s*([:/])\s*(\S.*)$/is.exec(wanted) ?? []
  if (kind.toLowerCase() === 'user') return { type: 'user', id: rest }
  if (kind) return mark === '/' ? { type: 'team', id: rest } : { type: 'team_named', text: rest }
  throw new AppError('bad_input', `“${wanted}” is no context. Say personal, or team:<name>.`)
}

/** Reads what follows `/setcontext`: `personal`, or a team's name or id with or without `team:` before it. */
export function readTarget(text: string): Wish {
  const wanted = text.trim()
  if (wanted === '') throw new AppError('bad_input', 'Say personal, or which team.')
  if (/^(personal$|(team|user)\s*[:/]\s*\S)/is.test(wanted)) return readExplicit(wanted)
  return { type: 'team_named', text: wanted }
}

/**
 * The context a request names: the header `X-Execution-Context` (`team/<id>`, `user/<id>`), the body's `context`, or
 * undefined when it names none. Both given and different is `context_conflict`.
 */
export function contextFromRequest(header?: string, body?: { type: string; id: string }): string | undefined {
  const fromHeader = header === undefined ? undefined : readPair(/^(\w+)\/(\S+)$/.exec(header.trim()) ?? [])
  const fromBody = body && readPair(['', body.type, body.id])
  if (fromHeader !== undefined && fromBody !== undefined && fromHeader !== fromBody) {
    throw new AppError('context_conflict', `The header says ${fromHeader}, the body ${fromBody}. Give one of them.`)
  }
  return fromHeader ?? fromBody
}

function readPair([, type, id]: readonly (string | undefined)[]): string {
  if ((type === 'team' || type === 'user') && id) return `${type}/${id}`
  throw new AppError('bad_request', 'A context is team/{teamId} or user/{accountId}.')
}

/** The person's own context; somebody else's does not exist for them. */
export function ownContext(accountId: string, wish: { type: 'personal' } | { type: 'user'; id: string }): Context {
  if (wish.type === 'user' && wish.id !== accountId) throw new AppError('not_found', 'There is no such context here.')
  return personal(accountId)
}

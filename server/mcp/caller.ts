import type { Account } from '#core/accounts/account.ts'
import { type ApiScope, scopesAllow } from '#core/accounts/scopes.ts'
import type { Actor } from '#core/actor.ts'
import { actorFor } from '#core/contexts/actor-for.ts'
import type { Core } from '#core/core.ts'
import { AppError } from '#core/errors.ts'

/** Who speaks through a program: an account, as far as its key goes. */
export interface Caller {
  account: Account
  /** None is all that the account itself may do. */
  scopes: readonly ApiScope[]
  /** `team/<id>` or `user/<id>`, where the connection itself says who pays: then no call may say otherwise. */
  context?: string
  /** Counts what is done for a team; refuses when it is too much. */
  countTeam?: (teamId: string) => Promise<void>
}

const CONTEXT = /^(personal|(team|user)\/\S{1,100})$/

/**
 * The actor of one call. `context` is what the call says: `personal`, `team/<id>` or `user/<id>`; without it the
 * connection's, else the person's own choice. The rights are those of this moment, less what the key is not for.
 */
export async function actorOfCall(
  core: Core,
  { account, scopes, context, countTeam }: Caller,
  call: { context?: string | undefined; idempotencyKey?: string | undefined } = {},
): Promise<Actor> {
  const { actor } = await actorFor(core, {
    accountId: account.id,
    channel: 'mcp',
    ...given('explicit', contextOfCall(account.id, context, call.context)),
    ...given('requestKey', call.idempotencyKey === undefined ? undefined : `mcp:${call.idempotencyKey}`),
    isSilent: true,
  })
  if (actor.context.type === 'team') await countTeam?.(actor.context.id)
  return scopesAllow(scopes, 'admin') ? actor : { ...actor, platformRole: 'user' }
}

function contextOfCall(accountId: string, fixed: string | undefined, said: string | undefined): string | undefined {
  if (said === undefined) return fixed
  if (!CONTEXT.test(said)) {
    const message = 'must be personal, team/{teamId} or user/{accountId}; contexts.list says which there are'
    throw new AppError('bad_request', `context: ${message}`, { problems: [{ path: 'context', message }] })
  }
  const named = said === 'personal' ? `user/${accountId}` : said
  if (fixed === undefined || fixed === named) return named
  throw new AppError('context_conflict', `This connection is for ${fixed}; the call says ${named}.`)
}

const given = <K extends string, V>(name: K, value: V | undefined): { [key in K]?: V } =>
  (value === undefined ? {} : { [name]: value }) as { [key in K]?: V }

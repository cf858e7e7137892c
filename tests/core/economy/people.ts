import { makingOf } from '#core/accounts/account.ts'
import { createAccount } from '#core/accounts/create.ts'
import type { Actor } from '#core/actor.ts'
import { type Context, personal, teamContext } from '#core/context.ts'
import type { Core } from '#core/core.ts'
import { moveMoney } from '#core/economy/ledger.ts'

export const USD = 1_000_000n

/** A new person with an empty wallet where the world gives no welcome credit, acting in their personal context. */
export async function newPerson(core: Core, handle: string, platformRole: 'user' | 'admin' = 'user'): Promise<Actor> {
  const account = await core.db.write(async function createPerson(tx) {
    return createAccount(tx, makingOf(core), { handle, displayName: handle, platformRole })
  })
  return { accountId: account.id, handle, platformRole, channel: 'api', context: personal(account.id) }
}

export const inTeam = (actor: Actor, teamId: string): Actor => ({ ...actor, context: teamContext(teamId) })

export const withKey = (actor: Actor, requestKey: string): Actor => ({ ...actor, requestKey })

let gifts = 0

/** Money from nowhere that people can see. */
export async function give(core: Core, to: Context, amountMicros: bigint): Promise<void> {
  await core.db.write(async function giveMoney(tx) {
    await moveMoney(tx, {
      id: `gift_${++gifts}`,
      from: 'platform:funding',
      to,
      amountMicros,
      kind: 'fund',
      actor: 'system',
      context: null,
      nowMs: core.clock.nowMs(),
    })
  })
}

/** The error's code, or `none` when nothing was refused. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'none'
  } catch (error) {
    return String((error as { code?: unknown }).code ?? error)
  }
}

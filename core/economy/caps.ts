import { updatePersonalCap } from '#db/accounts.ts'
import { listContextsWaiting } from '#db/funds-waits.ts'
import type { Actor } from '../actor.ts'
import { contextKey, personal } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { once } from '../once.ts'
import { setLimits } from '../teams/limits.ts'
import { requirePerson } from '../teams/member.ts'
import { usdOrNull } from '../teams/team.ts'
import { updateMember } from '../teams/update-member.ts'
import { readLimit } from './amounts.ts'
import { wakeWaiting } from './wake.ts'

/** `me`: one's own cap over all contexts; `team`: that of the actor's team; else a member of it by handle. */
export type CapRequest = { subject: string; amountUsd: string | null }

export type Cap = { scope: 'person' | 'team' | 'member'; name: string; capUsd: string | null }

/** Sets how much may be spent per UTC month; null lifts it. Caps of a team and its members are for its admins. */
export async function setCap(
  core: Pick<Core, 'db' | 'clock' | 'queue'>,
  actor: Actor,
  { subject, amountUsd }: CapRequest,
): Promise<Cap> {
  const named = subject.trim().toLowerCase()
  if (named === 'me') return capOwnSpending(core, actor, amountUsd)
  if (actor.context.type !== 'team') {
    throw new AppError('bad_input', 'This is your personal context: name yourself (me), or choose a team first.')
  }
  const teamId = actor.context.id
  if (named === 'team') {
    const team = await setLimits(core, actor, { teamId, limits: { monthlySpendCapUsd: amountUsd } })
    return { scope: 'team', name: team.name, capUsd: team.limits.monthlySpendCapUsd }
  }
  const { accountId } = await requirePerson(core.db, subject)
  const member = await updateMember(core, actor, { teamId, accountId, change: { spendingCapUsd: amountUsd } })
  return { scope: 'member', name: member.handle, capUsd: member.spendingCapUsd }
}

async function capOwnSpending(
  core: Pick<Core, 'db' | 'clock' | 'queue'>,
  actor: Actor,
  amountUsd: string | null,
): Promise<Cap> {
  const nowMs = core.clock.nowMs()
  const capMicros = readLimit('amountUsd', amountUsd)
  const { accountId } = actor
  return core.db.write(async function capOwnSpendingOnce(tx) {
    return once(tx, { actor, operation: 'cap.me', input: { amountUsd }, nowMs }, async () => {
      await updatePersonalCap.run(tx, { id: accountId, capMicros })
      for (const { context } of await listContextsWaiting.all(tx, { accountId })) await wakeWaiting(core, tx, context)
      const capUsd = usdOrNull(capMicros)
      await appendEvents(tx, nowMs, [
        {
          type: 'account.cap_set',
          actor: accountId,
          context: contextKey(personal(accountId)),
          subject: accountId,
          details: { capUsd },
        },
      ])
      return { scope: 'person' as const, name: actor.handle, capUsd }
    })
  })
}

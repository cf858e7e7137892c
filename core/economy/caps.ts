import { updatePersonalCap } from '#db/accounts.ts'
import { listContextsWaiting } from '#db/funds-waits.ts'
import type { Actor } from '../actor.ts'
import { contextKey, personal } from '../context.ts'
import type { Core } from '../core.ts'
import { cut } from '../cut.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { usdOrNull } from '../money.ts'
import { once } from '../once.ts'
import { findMyTeam } from '../teams/find.ts'
import { setLimits } from '../teams/limits.ts'
import { findPerson } from '../teams/member.ts'
import { updateMember } from '../teams/update-member.ts'
import { readLimit } from './amounts.ts'
import { wakeWaiting } from './wake.ts'

/** `me`: one's own cap over all contexts; `team`: that of the actor's team; else a member of it, or a team by its name. */
export type CapRequest = { subject: string; amountUsd: string | null }

export type Cap = { scope: 'person' | 'team' | 'member'; name: string; capUsd: string | null }

/** Sets how much may be spent per UTC month; null lifts it. Caps of a team and its members are for its admins. */
export async function setCap(
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>,
  actor: Actor,
  { subject, amountUsd }: CapRequest,
): Promise<Cap> {
  const named = subject.trim().toLowerCase()
  if (named === 'me') return capOwnSpending(core, actor, amountUsd)
  const person = named === 'team' ? undefined : await findPerson(core.db, subject)
  if (!person && named !== 'team') {
    const { id } = await teamNamed(core, actor, subject)
    return capTeam(core, actor, id, amountUsd)
  }
  if (actor.context.type !== 'team') {
    const message = 'This is your personal context: name yourself (me) or a team, or choose the team first.'
    throw new AppError('bad_input', message)
  }
  const teamId = actor.context.id
  if (!person) return capTeam(core, actor, teamId, amountUsd)
  const { accountId } = person
  const member = await updateMember(core, actor, { teamId, accountId, change: { spendingCapUsd: amountUsd } })
  return { scope: 'member', name: member.handle, capUsd: member.spendingCapUsd }
}

/** A team of the actor's whose name is no handle; for a word that is neither, the sentence says so. */
async function teamNamed(core: Pick<Core, 'db'>, actor: Actor, subject: string): Promise<{ id: string }> {
  try {
    return await findMyTeam(core.db, actor, subject)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'not_found') throw error
    throw new AppError('not_found', `There is no person and no team ${cut(subject.trim(), 80)} here.`)
  }
}

async function capTeam(
  core: Pick<Core, 'db' | 'clock' | 'queue'>,
  actor: Actor,
  teamId: string,
  amountUsd: string | null,
): Promise<Cap> {
  const team = await setLimits(core, actor, { teamId, limits: { monthlySpendCapUsd: amountUsd } })
  return { scope: 'team', name: team.name, capUsd: team.limits.monthlySpendCapUsd }
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

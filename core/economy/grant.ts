import type { Tx } from '#db/db.ts'
import { holdTeam, listTeamNames } from '#db/teams.ts'
import { mayOnPlatform } from '../access.ts'
import type { Actor } from '../actor.ts'
import { type Context, contextKey, personal, teamContext } from '../context.ts'
import type { Core } from '../core.ts'
import { cut } from '../cut.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { formatUsd } from '../money.ts'
import { foldName, onlyTeam } from '../teams/find.ts'
import { findPerson } from '../teams/member.ts'
import { noTeam } from '../teams/standing.ts'
import { readAmount, readReason } from './amounts.ts'
import type { Payment } from './fund.ts'
import { moveMoney } from './ledger.ts'
import { payOnce } from './payment.ts'
import { balanceOf } from './wallet.ts'

export type GrantRequest = {
  /** `@handle`, a handle, a team's name, or the id of either. */
  to: string
  amountUsd: string
  reason: string
}

export type Grant = Payment & { to: { type: 'user' | 'team'; id: string; name: string } }

/** Money from the platform for a person or a team; for platform admins. `conflict` when the name fits several. */
export async function grant(
  core: Pick<Core, 'db' | 'clock' | 'ids'>,
  actor: Actor,
  request: GrantRequest,
): Promise<Grant> {
  const nowMs = core.clock.nowMs()
  if (!mayOnPlatform(actor.platformRole, 'grant'))
    throw new AppError('forbidden', 'Only a platform admin grants money.')
  const amountMicros = readAmount('amountUsd', request.amountUsd)
  const reason = readReason('reason', request.reason)
  return core.db.write(async function grantOnce(tx) {
    const paid = { ids: core.ids, actor, operation: 'wallet.grant', input: request, nowMs }
    return payOnce(tx, paid, async (payment) => {
      const { context, name } = await findPayee(tx, request.to)
      await moveMoney(tx, {
        ...payment,
        from: 'platform:grants',
        to: context,
        amountMicros,
        kind: 'grant',
        actor: actor.accountId,
        context: contextKey(context),
        reason,
        nowMs,
      })
      const amountUsd = formatUsd(amountMicros)
      const details = { transferId: payment.id, amountUsd, reason }
      const key = contextKey(context)
      await appendEvents(tx, nowMs, [
        { type: 'wallet.granted', actor: actor.accountId, context: key, subject: key, details },
      ])
      const balance = await balanceOf(tx, context)
      return { transferId: payment.id, amountUsd, ...balance, to: { ...context, name } }
    })
  })
}

async function findPayee(tx: Tx, named: string): Promise<{ context: Context; name: string }> {
  const text = named.trim()
  // An id is nobody's name, whatever somebody called their team.
  if (isId(text, 'team')) return teamPayee(tx, text)
  const person = await findPerson(tx, text)
  if (isId(text, 'acc') && !person) throw nobody(text)
  const teams = text.startsWith('@') || isId(text, 'acc') ? [] : await listTeamNames.all(tx, {})
  const isTeam = teams.some(({ name }) => foldName(name) === foldName(text))
  if (person && isTeam) {
    throw new AppError('conflict', `${text} is a person and a team. Write @${person.handle}, or the team's id.`)
  }
  if (person) return { context: personal(person.accountId), name: `@${person.handle}` }
  if (!isTeam) throw nobody(text)
  return teamPayee(tx, onlyTeam(teams, text).id)
}

const isId = (text: string, kind: 'acc' | 'team'): boolean => text.startsWith(`${kind}_`)

const nobody = (text: string): AppError =>
  new AppError('not_found', `There is no person and no team ${cut(text, 80)} here.`)

async function teamPayee(tx: Tx, teamId: string): Promise<{ context: Context; name: string }> {
  const team = await holdTeam.first(tx, { id: teamId })
  if (!team) throw noTeam()
  return { context: teamContext(team.id), name: team.name }
}

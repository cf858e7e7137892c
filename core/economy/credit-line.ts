import assert from 'node:assert/strict'
import type { Reader } from '#db/db.ts'
import { setCreditLine as writeCreditLine } from '#db/ledger.ts'
import { holdTeam } from '#db/teams.ts'
import { mayOnPlatform } from '../access.ts'
import type { Actor } from '../actor.ts'
import { contextKey, teamContext, walletOf } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { formatUsd } from '../money.ts'
import { once } from '../once.ts'
import { noTeam, requireStanding } from '../teams/standing.ts'
import { readLimit } from './amounts.ts'
import { type Balance, balanceOf } from './wallet.ts'

/** Dollars as text; not enabled is a line of nothing, whatever its limit. */
export type CreditLineRequest = { teamId: string; limitUsd: string | null; enabled: boolean }

/**
 * Approves how far a team may go below zero; for platform admins. What is overdrawn already stays owed when the line
 * gets smaller; nothing more can be spent until it has room.
 */
export async function setCreditLine(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  request: CreditLineRequest,
): Promise<Balance> {
  const nowMs = core.clock.nowMs()
  const { teamId, enabled } = request
  const limitMicros = (enabled && readLimit('limitUsd', request.limitUsd ?? '')) || 0n
  const context = teamContext(teamId)
  return core.db.write(async function setCreditLineOnce(tx) {
    return once(tx, { actor, operation: 'team.credit_line', input: request, nowMs }, async () => {
      if (!mayOnPlatform(actor.platformRole, 'approve_credit')) throw await mayNotApprove(tx, actor, teamId)
      if (!(await holdTeam.first(tx, { id: teamId }))) throw noTeam()
      const changed = await writeCreditLine.run(tx, {
        id: walletOf(context),
        limitMicros,
        approvedBy: actor.accountId,
      })
      assert(changed === 1, `No wallet of ${teamId}`)
      const key = contextKey(context)
      const details = { limitUsd: formatUsd(limitMicros), enabled: limitMicros > 0n, approvedBy: actor.accountId }
      await appendEvents(tx, nowMs, [
        { type: 'credit_line.set', actor: actor.accountId, context: key, subject: teamId, details },
      ])
      return balanceOf(tx, context)
    })
  })
}

/** The owner learns who approves, members who may ask, strangers nothing. */
async function mayNotApprove(on: Reader, actor: Actor, teamId: string): Promise<AppError> {
  const { teamName } = await requireStanding(on, actor, teamId, 'credit_line')
  return new AppError('forbidden', `A platform admin approves the credit line of ${teamName}. Ask one to set it.`)
}

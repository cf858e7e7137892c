import { deleteConnectionsOf } from '#db/connections.ts'
import type { Tx } from '#db/db.ts'
import { revokeOpenInvitations } from '#db/invitations.ts'
import { findWallet } from '#db/ledger.ts'
import { deleteLinkedChatsOf } from '#db/linked-chats.ts'
import { deleteMembershipsOf } from '#db/memberships.ts'
import { dropHeldOfTeam } from '#db/notifications.ts'
import { findLiveRun, forgetContext, lockTeamAlone, markTeamDeleted } from '#db/teams.ts'
import type { Actor } from '../actor.ts'
import { contextKey, teamContext, walletOf } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { showUsd } from '../money.ts'
import { once } from '../once.ts'
import { teamEvent } from './record.ts'
import { requireStanding } from './standing.ts'

/**
 * Ends a team, for its owner. `conflict` while a run is live or its wallet is not empty. Its chats are free again, its
 * invitations open nothing; what it did stays on record. Who acted in it is told with their next answer that they pay
 * themselves from then on.
 */
export async function deleteTeam(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  { teamId }: { teamId: string },
): Promise<{ teamId: string; name: string }> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function deleteTeamOnce(tx) {
    return once(tx, { actor, operation: 'team.delete', input: { teamId }, nowMs }, async () => {
      await lockTeamAlone.first(tx, { id: teamId })
      const { teamName: name } = await requireStanding(tx, actor, teamId, 'delete')
      await requireNothingOpen(tx, teamId, name)
      await appendEvents(tx, nowMs, [teamEvent(actor, teamId, 'team.deleted', { name })])
      await deleteLinkedChatsOf.run(tx, { teamId })
      const { accountId } = actor
      await forgetContext.run(tx, { accountId, context: contextKey(teamContext(teamId)) })
      await revokeOpenInvitations.run(tx, { teamId, decidedBy: actor.accountId, nowMs })
      await dropHeldOfTeam.run(tx, { context: contextKey(teamContext(teamId)) })
      await deleteConnectionsOf.run(tx, { context: contextKey(teamContext(teamId)) })
      await deleteMembershipsOf.run(tx, { teamId })
      await markTeamDeleted.run(tx, { id: teamId, nowMs })
      return { teamId, name }
    })
  })
}

async function requireNothingOpen(tx: Tx, teamId: string, name: string): Promise<void> {
  const context = teamContext(teamId)
  const refuse = (why: string): never => {
    throw new AppError('conflict', `${name} cannot be deleted: ${why}`)
  }
  // Runs first: one that ends has given back its hold in the same moment, and then the wallet shows it.
  if (await findLiveRun.first(tx, { context: contextKey(context) })) refuse('a run is live. Wait for it or cancel it.')
  const wallet = await findWallet.first(tx, { id: walletOf(context) })
  if (!wallet) return
  const { posted_micros: posted, pending_micros: held } = wallet
  if (held !== 0n) refuse(`${showUsd(held)} of its money is held.`)
  if (posted > 0n) refuse(`${showUsd(posted)} is in its wallet. Move it to a wallet of your own first.`)
  if (posted < 0n) refuse(`it owes ${showUsd(-posted)}. Repay it first.`)
}

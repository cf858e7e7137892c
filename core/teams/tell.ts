import type { Tx } from '#db/db.ts'
import type { TeamRole } from '#db/schema.ts'
import type { Actor } from '../actor.ts'
import { type Button, reply } from '../chat/message.ts'
import { teamContext } from '../context.ts'
import type { Core } from '../core.ts'
import { notify } from '../notifications/notify.ts'

type Needs = Pick<Core, 'ids' | 'clock' | 'queue'>

/** Tells somebody what another has done about their place in a team. Of what they did themselves they know. */
export async function tellMember(
  core: Needs,
  tx: Tx,
  actor: Pick<Actor, 'accountId'>,
  { teamId, accountId, words, buttons = [] }: { teamId: string; accountId: string; words: string; buttons?: Button[] },
): Promise<void> {
  if (actor.accountId === accountId) return
  await notify(core, tx, {
    accountId,
    type: 'role_changed',
    context: teamContext(teamId),
    cause: teamId,
    text: words,
    reply: reply(words, ...(buttons.length > 0 ? [{ type: 'buttons' as const, buttons }] : [])),
  })
}

export const workThere = (teamId: string, teamName: string): Button => ({
  label: `Work in ${teamName}`,
  command: `/setcontext team ${teamId}`,
})

export const roleWords = (role: TeamRole): string =>
  role === 'owner' ? 'the owner' : role === 'admin' ? 'an admin' : `a ${role}`

/**
 * Tells somebody who is known here that they are invited. The button names the invitation: it is for them alone, so that it
 * needs no code.
 */
export async function tellInvitee(
  core: Needs,
  tx: Tx,
  {
    id,
    teamId,
    teamName,
    role,
    accountId,
    by,
  }: {
    id: string
    teamId: string
    teamName: string
    role: TeamRole
    accountId: string
    by: string
  },
): Promise<void> {
  const words = `@${by} invites you to ${teamName}, as ${roleWords(role)}.`
  await notify(core, tx, {
    accountId,
    type: 'invitation',
    context: teamContext(teamId),
    cause: id,
    text: words,
    reply: reply(words, {
      type: 'buttons',
      buttons: [
        { label: 'Accept', command: `/join ${id}`, style: 'primary' },
        { label: 'Decline', command: `/decline ${id}` },
      ],
    }),
    // Asked again and again, somebody is not to be told again and again.
    fold: `invitation:${teamId}`,
  })
}

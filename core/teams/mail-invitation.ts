import type { Tx } from '#db/db.ts'
import { countInvitationsByMail } from '#db/invitations.ts'
import type { TeamRole } from '#db/schema.ts'
import type { Actor } from '../actor.ts'
import { reply, text } from '../chat/message.ts'
import { putMessage } from '../chat/outbox.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { linkHint } from '../mail/links.ts'
import { showMoment } from '../moment.ts'
import { roleWords } from './tell.ts'

const HOUR_MS = 3_600_000
/** Mail to strangers that one person may cause; whoever has more to invite passes the codes on. */
const PER_HOUR = 30

/**
 * Mails an invitation to an address that is nobody's here yet, in the transaction in which it is made. Its code stands only in the
 * mail. `too_many_requests` for who has mailed many within the hour.
 */
export async function mailInvitation(
  core: Pick<Core, 'clock' | 'ids' | 'queue'>,
  tx: Tx,
  { accountId, handle }: Actor,
  invitation: { id: string; teamName: string; role: TeamRole; address: string; expiresAtMs: number; nowMs: number },
): Promise<void> {
  const { id, teamName, role, address, expiresAtMs, nowMs } = invitation
  const counted = await countInvitationsByMail.first(tx, { invitedBy: accountId, sinceMs: nowMs - HOUR_MS })
  // This one is among them.
  if (Number(counted?.count ?? 0) > PER_HOUR) {
    const message = `You have mailed ${PER_HOUR} invitations within the hour. Wait a while, or invite anyone and pass the code on yourself.`
    throw new AppError('too_many_requests', message)
  }
  await putMessage(core, tx, {
    channel: 'email',
    conversation: address,
    cause: id,
    reply: reply(
      `@${handle} invites you to ${teamName}, as ${roleWords(role)}.`,
      text(
        `It works once, until ${showMoment(expiresAtMs)}. If you do not know who this is, leave it: nothing happens.`,
        'muted',
      ),
    ),
    hints: { subject: `An invitation to ${teamName}`, ...linkHint({ kind: 'invitation', id }) },
  })
}

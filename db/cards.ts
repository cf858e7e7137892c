import { statement } from './statement.ts'

/** The card that a message on the platform shows; what somebody who answers it means. */
export const findCardByRef = statement((q, p: { channel: string; conversation: string; messageRef: string }) =>
  q
    .selectFrom('outbox')
    .select('card_key')
    .where('channel', '=', p.channel)
    .where('conversation', '=', p.conversation)
    .where('card_key', 'is not', null)
    .where('message_ref', '=', p.messageRef)
    .limit(1),
)

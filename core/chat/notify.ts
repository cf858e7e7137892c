import type { Core } from '../core.ts'
import { type NewMessage, putMessage } from './outbox.ts'

/** Writes to a conversation from outside of it: a question to the other side of a link, news for somebody. */
export async function notify(
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>,
  message: Pick<NewMessage, 'channel' | 'conversation' | 'reply' | 'cause'>,
): Promise<void> {
  await core.db.write(async function notifyConversation(tx) {
    await putMessage(core, tx, message)
  })
}

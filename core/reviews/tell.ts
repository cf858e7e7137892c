import { listIdentities } from '#db/accounts.ts'
import type { Tx } from '#db/db.ts'
import type { ReviewRow } from '#db/reviews.ts'
import { findRun } from '#db/runs.ts'
import { reply } from '../chat/message.ts'
import { putMessage } from '../chat/outbox.ts'
import { webConversation } from '../chat/web.ts'
import type { Core } from '../core.ts'

/**
 * Tells who started the run what became of a review: where it was started, alone where others read along, and in the
 * web chat when it was started over the API.
 */
export async function tellRequester(
  core: Pick<Core, 'ids' | 'clock' | 'queue'>,
  tx: Tx,
  review: ReviewRow,
  words: string,
): Promise<void> {
  const run = await findRun.first(tx, { id: review.root_run_id })
  if (!run) return
  const message = { reply: reply(words), cause: review.root_run_id }
  if (run.conversation === null) {
    await putMessage(core, tx, { ...message, channel: 'web', conversation: webConversation(run.account_id) })
    return
  }
  const { channel, conversation } = run
  const own = (await listIdentities.all(tx, { accountId: run.account_id })).find((one) => one.channel === channel)
  const isAlone = channel === 'web' || own?.private_conversation === conversation
  const onlyFor = isAlone || !own ? {} : { onlyFor: own.external_id }
  await putMessage(core, tx, { ...message, channel, conversation, ...onlyFor })
}

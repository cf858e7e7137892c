import { requestKeyOn } from '#core/chat/inbox.ts'
import { isAnswered, isHandled, repliesTo, type WebMessage, webConversation } from '#core/chat/web.ts'
import type { Core } from '#core/core.ts'
import { formHere } from '#core/forms/here.ts'
import { runStartedBy } from '#core/runs/started-by.ts'

/** Long enough for commands that only read and write; a run goes on after the answer. */
const ANSWER_WITHIN_MS = 10_000
/** After a message is handled its answers are delivered in a moment; what comes later comes on the stream. */
const DELIVERY_GRACE_MS = 1_000

/**
 * What was said at once, the card of a run that was started with it, the form that it asks to fill in; an empty list when it
 * takes longer.
 */
export async function waitForReplies(
  core: Core,
  accountId: string,
  deliveryId: string,
  { cause, seq }: { cause: string; seq: number },
): Promise<WebMessage[]> {
  await waitFor(core, ANSWER_WITHIN_MS, () => isHandled(core.db, deliveryId))
  await waitFor(core, DELIVERY_GRACE_MS, () => isAnswered(core.db, accountId, cause))
  const replies = [...(await repliesTo(core.db, cause)), ...(await formSince(core, accountId, seq))]
  const runId = await runStartedBy(core.db, { accountId, requestKey: requestKeyOn('web', deliveryId) })
  if (runId === undefined) return replies
  await waitFor(core, DELIVERY_GRACE_MS, async () => (await repliesTo(core.db, runId)).length > 0)
  return [...replies, ...(await repliesTo(core.db, runId))]
}

/** The messages of the form that is open here, as far as they changed since then. */
async function formSince(core: Core, accountId: string, seq: number): Promise<WebMessage[]> {
  const conversation = webConversation(accountId)
  const formId = await formHere(core.db, { accountId, channel: 'web', conversation, nowMs: core.clock.nowMs() })
  if (formId === undefined) return []
  await waitFor(core, DELIVERY_GRACE_MS, () => isAnswered(core.db, accountId, formId))
  return (await repliesTo(core.db, formId)).filter((message) => message.seq > seq)
}

/** Looks again after each commit, until it holds or the time is up. */
async function waitFor(core: Core, timeoutMs: number, holds: () => Promise<boolean>): Promise<void> {
  const untilMs = performance.now() + timeoutMs
  while (!(await holds()) && performance.now() < untilMs) {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        unsubscribe()
        resolve()
      }
      const timer = setTimeout(done, 200)
      const unsubscribe = core.db.onChange(done)
    })
  }
}

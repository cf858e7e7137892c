import { listIdentities } from '#db/accounts.ts'
import type { Reader, Tx } from '#db/db.ts'
import type { ReviewRow } from '#db/reviews.ts'
import { findRun, type RunRow } from '#db/runs.ts'
import { contextOf } from '../context.ts'
import type { Core } from '../core.ts'
import type { Place } from '../notifications/addresses.ts'
import { notify } from '../notifications/notify.ts'

/**
 * Tells who started the run what became of a review: where it was started, alone where others read along, unless they have
 * chosen otherwise; like everything else when it was started over the API.
 */
export async function tellRequester(
  core: Pick<Core, 'ids' | 'clock' | 'queue'>,
  tx: Tx,
  review: ReviewRow,
  words: string,
): Promise<void> {
  const run = await findRun.first(tx, { id: review.root_run_id })
  if (!run) return
  const place = await placeOf(tx, run)
  await notify(core, tx, {
    accountId: run.account_id,
    type: 'review_decided',
    context: contextOf(review.context),
    cause: review.root_run_id,
    text: words,
    ...(place ? { place } : {}),
  })
}

async function placeOf(on: Reader, { channel, conversation, account_id }: RunRow): Promise<Place | undefined> {
  if (conversation === null) return undefined
  const own = (await listIdentities.all(on, { accountId: account_id })).find((one) => one.channel === channel)
  const isAlone = channel === 'web' || own?.private_conversation === conversation
  return { channel, conversation, ...(isAlone || !own ? {} : { onlyFor: own.external_id }) }
}

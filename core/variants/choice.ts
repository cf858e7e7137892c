import type { Reader } from '#db/db.ts'
import { findChoice } from '#db/variants.ts'
import type { ChannelName } from '../chat/message.ts'

/** Which variant of a run is accepted, by whom and when. */
export interface Choice {
  variantId: string
  revision: number
  accountId: string
  handle: string
  channel: ChannelName
  atMs: number
}

/** Undefined as long as nobody has accepted one. */
export async function choiceOf(on: Reader, runId: string): Promise<Choice | undefined> {
  const found = await findChoice.first(on, { runId })
  return (
    found && {
      variantId: found.variant_id,
      revision: found.revision,
      accountId: found.account_id,
      handle: found.handle,
      channel: found.channel as ChannelName,
      atMs: found.at_ms,
    }
  )
}

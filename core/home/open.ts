import { openHomeCard } from '#db/homes.ts'
import type { Actor } from '../actor.ts'
import { touchCard } from '../chat/outbox.ts'
import type { Core } from '../core.ts'
import { homeKey, openedAt } from './address.ts'

/** Shows somebody their home, as it is now; opened again it is shown again, also when nothing on it has changed. */
export async function openHome(
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>,
  { accountId, channel }: Actor,
  conversation: string,
): Promise<void> {
  const nowMs = core.clock.nowMs()
  const card = { channel, conversation, cardKey: homeKey(accountId), cause: openedAt(nowMs) }
  await core.db.write(async function openHome(tx) {
    await touchCard(core, tx, card)
    await openHomeCard.run(tx, { ...card, nowMs })
  })
}

import type { Tx } from '#db/db.ts'
import type { Reply } from '../chat/message.ts'
import { putMessage } from '../chat/outbox.ts'
import type { Core } from '../core.ts'
import { addressesOf } from './people.ts'

/** Writes to somebody alone, on every channel where that is possible, in the transaction of what there is to tell. */
export async function tellPrivately(
  core: Pick<Core, 'ids' | 'clock' | 'queue'>,
  tx: Tx,
  { accountId, reply, cause }: { accountId: string; reply: Reply; cause: string },
): Promise<void> {
  for (const address of await addressesOf(tx, accountId)) await putMessage(core, tx, { ...address, reply, cause })
}

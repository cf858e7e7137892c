import type { Tx } from '#db/db.ts'
import { type Context, contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import type { Moved } from './ledger.ts'
import { wakeWaiting } from './wake.ts'
import { rearmLowBalance } from './warnings.ts'

/** What money that comes into a wallet brings with it: runs that wait for it are looked at, and warnings may come again. */
export async function moneyCameIn(
  core: Pick<Core, 'queue' | 'clock'>,
  tx: Tx,
  context: Context,
  { toMicros, waiters }: Moved,
): Promise<void> {
  if (waiters > 0) await wakeWaiting(core, tx, contextKey(context))
  if (toMicros !== null) await rearmLowBalance(tx, context, toMicros)
}

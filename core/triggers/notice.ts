import type { Tx } from '#db/db.ts'
import type { TriggerRow } from '#db/triggers.ts'
import { type Button, reply, text } from '../chat/message.ts'
import { contextOf } from '../context.ts'
import type { Core } from '../core.ts'
import { notify } from '../notifications/notify.ts'
import { whoMay } from '../notifications/people.ts'
import { standingIn } from '../teams/standing.ts'

/** The same trouble is told once a day. */
const TELL_EVERY_MS = 24 * 3_600_000

export const isNewsNow = (
  { refused_code, noticed_at_ms }: Pick<TriggerRow, 'refused_code' | 'noticed_at_ms'>,
  code: string,
  nowMs: number,
): boolean => refused_code !== code || nowMs - noticed_at_ms >= TELL_EVERY_MS

/** Tells the owner that a delivery started nothing, in the transaction in which that is found; the team's admins when the owner has left. */
export async function tellOwner(
  core: Pick<Core, 'ids' | 'clock' | 'queue'>,
  tx: Tx,
  row: Pick<TriggerRow, 'id' | 'name' | 'context' | 'account_id'>,
  reason: string,
): Promise<void> {
  const context = contextOf(row.context)
  const words = `A delivery started nothing: ${reason} It can be replayed when that is mended.`
  const news = {
    type: 'trigger_refused',
    cause: row.id,
    context,
    text: `Trigger ${row.name}: ${words}`,
    reply: reply(text(`Trigger: ${row.name}`, 'strong'), words, { type: 'buttons', buttons: [showButton(row.id)] }),
  } as const
  const isThere = context.type === 'user' || (await standingIn(tx, row.account_id, context.id)) !== undefined
  if (isThere) return notify(core, tx, { ...news, accountId: row.account_id })
  // It stays the team's when its owner has left: those hear of it who may see to it.
  for (const { accountId } of await whoMay(tx, context.id, 'schedule', core.clock.nowMs())) {
    await notify(core, tx, { ...news, accountId })
  }
}

const showButton = (id: string): Button => ({ label: 'Last deliveries', command: `/deliveries ${id}` })

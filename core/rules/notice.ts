import type { Tx } from '#db/db.ts'
import type { RuleRow } from '#db/rules.ts'
import { reply, text } from '../chat/message.ts'
import { contextOf } from '../context.ts'
import type { Core } from '../core.ts'
import { notify } from '../notifications/notify.ts'
import { whoMay } from '../notifications/people.ts'
import { standingIn } from '../teams/standing.ts'

/** Tells the owner of a rule, in the transaction of what it is about; the team's admins when the owner has left. */
export async function tellOwner(
  core: Pick<Core, 'ids' | 'clock' | 'queue'>,
  tx: Tx,
  row: Pick<RuleRow, 'id' | 'name' | 'context' | 'account_id'>,
  words: string,
): Promise<void> {
  const context = contextOf(row.context)
  const buttons = [{ label: 'Rules', command: '/rules' }]
  const news = {
    type: 'trigger_refused',
    cause: row.id,
    context,
    text: `Rule ${row.name}: ${words}`,
    reply: reply(text(`Rule: ${row.name}`, 'strong'), words, { type: 'buttons', buttons }),
  } as const
  const isThere = context.type === 'user' || (await standingIn(tx, row.account_id, context.id)) !== undefined
  if (isThere) return notify(core, tx, { ...news, accountId: row.account_id })
  for (const { accountId } of await whoMay(tx, context.id, 'schedule', core.clock.nowMs())) {
    await notify(core, tx, { ...news, accountId })
  }
}

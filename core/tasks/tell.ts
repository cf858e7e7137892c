import type { Tx } from '#db/db.ts'
import type { TaskRow } from '#db/tasks.ts'
import type { Actor } from '../actor.ts'
import { type Button, reply, text } from '../chat/message.ts'
import { contextOf } from '../context.ts'
import type { Core } from '../core.ts'
import { notify } from '../notifications/notify.ts'

type Needs = Pick<Core, 'ids' | 'clock' | 'queue'>

/** Tells who has a task now, when another has given it to them. */
export async function tellAssigned(core: Needs, tx: Tx, row: TaskRow, actor: Pick<Actor, 'accountId' | 'handle'>) {
  if (row.assignee === null || row.assignee === actor.accountId) return
  await tell(core, tx, row, row.assignee, `@${actor.handle} gave you a task: ${row.title}`)
}

/** Tells whoever waits for it: who made the task that it is to be looked at, who has it what came of that. */
export async function tellMoved(
  core: Needs,
  tx: Tx,
  row: TaskRow,
  { actor, reason }: { actor: Pick<Actor, 'accountId' | 'handle'>; reason?: string },
): Promise<void> {
  const why = reason ? `: ${reason}` : ''
  if (row.status === 'review') {
    if (row.created_by !== actor.accountId) await tell(core, tx, row, row.created_by, `To be looked at: ${row.title}`)
    return
  }
  const said = SAID[row.status]
  if (said === undefined || row.assignee === null || row.assignee === actor.accountId) return
  await tell(core, tx, row, row.assignee, `@${actor.handle} ${said} ${row.title}${why}`)
}

const SAID: Partial<Record<TaskRow['status'], string>> = {
  changes_requested: 'asks for changes of',
  approved: 'approved',
  failed: 'gave up',
}

/** Reminds who has had a task in hand for long. */
export const tellNudged = (core: Needs, tx: Tx, row: TaskRow, days: number): Promise<void> =>
  tell(
    core,
    tx,
    row,
    row.assignee ?? '',
    `You have had this task for ${days === 1 ? 'a day' : `${days} days`}: ${row.title}`,
  )

const tell = (core: Needs, tx: Tx, row: TaskRow, accountId: string, words: string): Promise<void> =>
  notify(core, tx, {
    accountId,
    type: 'task',
    context: contextOf(row.context),
    cause: row.id,
    text: words,
    reply: reply(text(words), { type: 'buttons', buttons: [showButton(row.id)] }),
  })

/** Shows the task with what can be done with it. */
const showButton = (id: string): Button => ({ label: 'Show', command: `/showtask ${id}` })

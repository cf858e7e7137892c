import type { Reader } from '#db/db.ts'
import type { TaskStatus } from '#db/schema.ts'
import { listLive, type TaskRow } from '#db/tasks.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import { AppError } from '../errors.ts'
import { requireReader } from '../runs/reader.ts'
import { movesFrom, statusWords } from './moves.ts'
import { doersOf } from './task.ts'

/** Of a board that is longer nobody means "the one". */
const MOST = 500

/**
 * The tasks that words can mean, by id or by a part of the title; without words those that could go `to` that status: one's
 * own before those of others. One is what is meant, several are to be chosen from. `not_found` when there is none.
 */
export async function tasksMeant(
  on: Reader,
  actor: Actor,
  { words, to }: { words: string | undefined; to: TaskStatus },
): Promise<string[]> {
  if (words?.startsWith('task_')) return [words]
  await requireReader(on, actor, actor.context, 'such context')
  const live = await listLive.all(on, { context: contextKey(actor.context), limit: MOST })
  const fitting = words === undefined ? live.filter((row) => couldGo(row, to, actor)) : named(live, words)
  const mine = fitting.filter(({ assignee }) => assignee === actor.accountId)
  const meant = mine.length > 0 && to !== 'approved' ? mine : fitting
  if (meant.length > 0) return meant.map(({ id }) => id)
  const what = words === undefined ? `No task here could go to ${statusWords(to)}.` : `No task here is called ${words}.`
  throw new AppError('not_found', `${what} /tasks lists them.`)
}

function named(rows: readonly TaskRow[], words: string): TaskRow[] {
  const wanted = words.toLowerCase()
  const exact = rows.filter(({ title }) => title.toLowerCase() === wanted)
  return exact.length > 0 ? exact : rows.filter(({ title }) => title.toLowerCase().includes(wanted))
}

const couldGo = (row: TaskRow, to: TaskStatus, { accountId }: Actor): boolean =>
  movesFrom(row.status).includes(to) && !(to === 'approved' && doersOf(row).includes(accountId))

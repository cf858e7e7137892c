import type { TaskStatus } from '#db/schema.ts'
import { AppError } from '../errors.ts'

export type { TaskStatus }

/** Every move there is; no other move happens, but for those an admin makes with a reason. */
const MOVES: Record<TaskStatus, readonly TaskStatus[]> = {
  queued: ['claimed', 'in_progress', 'abandoned'],
  claimed: ['in_progress', 'blocked', 'abandoned'],
  in_progress: ['review', 'blocked', 'failed'],
  review: ['approved', 'changes_requested', 'failed'],
  changes_requested: ['in_progress', 'failed'],
  approved: ['merging'],
  merging: ['done', 'failed'],
  done: [],
  blocked: ['in_progress', 'abandoned'],
  failed: ['in_progress', 'queued', 'abandoned'],
  abandoned: [],
}

export const TASK_STATUSES = Object.keys(MOVES) as TaskStatus[]

export const LIVE_STATUSES = TASK_STATUSES.filter((status) => MOVES[status].length > 0)

export const isTaskStatus = (word: string): word is TaskStatus => Object.hasOwn(MOVES, word)

export const movesFrom = (status: TaskStatus): readonly TaskStatus[] => MOVES[status]

/** Nothing more becomes of it. */
export const hasTaskEnded = (status: TaskStatus): boolean => MOVES[status].length === 0

/** Work begins: what the task waits for must be over by then. */
export const isBeginning = (to: TaskStatus): boolean => to === 'claimed' || to === 'in_progress'

export const statusWords = (status: TaskStatus): string => status.replaceAll('_', ' ')

/** What is to be known of a task to say whether it may move. */
export interface Movable {
  status: TaskStatus
  /** Accounts and tools that worked on it since it was last queued. */
  doers: readonly string[]
  /** Acceptance criteria and definition of done. */
  items: readonly { text: string; checked: boolean }[]
}

/**
 * Why a task may not move so: undefined when it may. A move that the table does not have names those that it has;
 * approval needs every item checked, and somebody who did not do the work.
 */
export function refuseMove({ status, doers, items }: Movable, to: TaskStatus, accountId: string): AppError | undefined {
  const legal = MOVES[status]
  if (!legal.includes(to)) {
    const facts = { from: status, to, legal: legal.join(',') }
    return new AppError('conflict', `${nowIs(status)} ${choices(legal)}, not to ${statusWords(to)}.`, { facts })
  }
  if (to !== 'approved') return undefined
  if (doers.includes(accountId)) {
    return new AppError('forbidden', 'Who did the work does not approve it. Somebody else has to look at it.')
  }
  const open = items.filter(({ checked }) => !checked)
  if (open.length === 0) return undefined
  const list = open.map(({ text }) => `“${text}”`).join(', ')
  const facts = { unchecked: open.length }
  return new AppError('conflict', `It cannot be approved before every item is checked. Open: ${list}.`, { facts })
}

const nowIs = (status: TaskStatus): string => `A task that is ${statusWords(status)} can go`

function choices(legal: readonly TaskStatus[]): string {
  const words = legal.map(statusWords)
  if (words.length === 0) return 'nowhere any more'
  return `to ${words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` : words[0]}`
}

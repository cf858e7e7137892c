import type { TaskRow } from '#db/tasks.ts'
import { AppError, type Problem } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import type { Executor, TaskItem } from './task.ts'

/** An item as somebody gives it: words, or what was read, perhaps changed. */
export type ItemInput = string | { id?: string; text: string; checked?: boolean }

/** What can be said of a task when it is made, and changed afterwards. */
export interface TaskFields {
  title?: string
  description?: string
  priority?: number | PriorityWord
  labels?: string[]
  acceptanceCriteria?: ItemInput[]
  definitionOfDone?: ItemInput[]
  needs?: string[]
  dependencies?: string[]
  blockers?: string[]
  assignee?: string | null
  executor?: Executor | null
  externalIds?: Record<string, string>
}

export const PRIORITY_WORDS = ['low', 'normal', 'high', 'urgent'] as const
export type PriorityWord = (typeof PRIORITY_WORDS)[number]

const PRIORITIES: Record<PriorityWord, number> = { low: 25, normal: 50, high: 75, urgent: 100 }
const USUAL_PRIORITY = PRIORITIES.normal

/** What tools a worker brings. The others need a run of their own, which somebody pays. */
export const EXECUTOR_TOOLS = ['docs.format', 'docs.lint', 'docs.changelog'] as const

const LIST_MOST = 100
const RESULT_INPUTS_BYTES = 256 * 1024

/**
 * The columns that the fields set, on top of a row. `by` checks what is newly checked. Refused with every problem at once
 * (`bad_input`). What others must answer for (dependencies, who is assigned) is not looked at here.
 */
export function withFields(row: TaskRow, fields: TaskFields, { by, nowMs }: { by: string; nowMs: number }): TaskRow {
  const problems: Problem[] = []
  const next = { ...row, updated_at_ms: nowMs }
  if (fields.title !== undefined) {
    next.title = fields.title.replaceAll(/\s+/g, ' ').trim()
    if (next.title === '') problems.push({ path: 'title', message: 'must say something' })
  }
  if (fields.description !== undefined) next.description = fields.description
  if (fields.priority !== undefined) {
    next.priority = typeof fields.priority === 'number' ? fields.priority : PRIORITIES[fields.priority]
  }
  if (fields.labels) next.labels_json = JSON.stringify(distinct(fields.labels))
  if (fields.needs) next.needs_json = JSON.stringify(distinct(fields.needs))
  if (fields.dependencies) next.dependencies_json = JSON.stringify(distinct(fields.dependencies))
  if (fields.blockers) {
    const blockers = distinct(fields.blockers)
    next.blockers_json = JSON.stringify(blockers)
    next.blocker_words = blockers.filter((one) => !isTaskId(one)).length
  }
  if (fields.acceptanceCriteria) next.criteria_json = items(row.criteria_json, fields.acceptanceCriteria, 'a')
  if (fields.definitionOfDone) next.definition_json = items(row.definition_json, fields.definitionOfDone, 'd')
  if (fields.assignee !== undefined) next.assignee = fields.assignee
  if (fields.externalIds) next.external_ids_json = JSON.stringify(fields.externalIds)
  if (fields.executor !== undefined) setExecutor(next, fields.executor, problems)
  if (problems.length === 0) return next
  throw new AppError('bad_input', problems.map(({ path, message }) => `${path} ${message}`).join('; '), { problems })

  function items(before: string, given: ItemInput[], letter: string): string {
    const known = new Map((JSON.parse(before) as TaskItem[]).map((item) => [item.id, item]))
    let last = Math.max(0, ...[...known.keys()].map((id) => Number(id.slice(1))))
    const made = given.map((one): TaskItem => {
      const { id, text, checked } = typeof one === 'string' ? { text: one } : one
      const old = id === undefined ? undefined : known.get(id)
      known.delete(id ?? '')
      const isChecked = checked ?? old?.checked ?? false
      const mark = { by: isChecked ? by : null, at: isChecked ? new Date(nowMs).toISOString() : null }
      const same = old && old.checked === isChecked
      return {
        id: old?.id ?? `${letter}${++last}`,
        text,
        checked: isChecked,
        ...(same ? { by: old.by, at: old.at } : mark),
      }
    })
    return JSON.stringify(made)
  }
}

function setExecutor(next: TaskRow, executor: Executor | null, problems: Problem[]): void {
  const inputs = executor && JSON.stringify(executor.inputs)
  if (executor && !(EXECUTOR_TOOLS as readonly string[]).includes(executor.tool)) {
    problems.push({ path: 'executor.tool', message: `must be one of ${EXECUTOR_TOOLS.join(', ')}` })
  }
  if (inputs !== null && Buffer.byteLength(inputs) > RESULT_INPUTS_BYTES) {
    problems.push({ path: 'executor.inputs', message: 'may have 256 KiB at most' })
  }
  next.executor_tool = executor?.tool ?? null
  next.executor_inputs_json = inputs
}

/** Both kinds of link, as one list: what it waits for. */
export const linksOf = (row: Pick<TaskRow, 'dependencies_json' | 'blockers_json'>): string[] =>
  distinct([
    ...(JSON.parse(row.dependencies_json) as string[]),
    ...(JSON.parse(row.blockers_json) as string[]).filter(isTaskId),
  ])

const isTaskId = (word: string): boolean => /^task_\S+$/.test(word)

const distinct = (list: readonly string[]): string[] =>
  [...new Set(list.map((one) => one.trim()).filter((one) => one !== ''))].slice(0, LIST_MOST)

/** What a task is before anything is said of it. */
export const blankTask = (id: string, context: string, by: string, nowMs: number): TaskRow => ({
  id,
  context,
  title: '',
  description: '',
  status: 'queued',
  priority: USUAL_PRIORITY,
  labels_json: '[]',
  criteria_json: '[]',
  definition_json: '[]',
  needs_json: '[]',
  dependencies_json: '[]',
  blockers_json: '[]',
  blocker_words: 0,
  assignee: null,
  doers_json: '[]',
  executor_tool: null,
  executor_inputs_json: null,
  result_json: null,
  external_ids_json: '{}',
  attempts: 0,
  created_by: by,
  created_at_ms: nowMs,
  updated_at_ms: nowMs,
  status_at_ms: nowMs,
  nudged_at_ms: null,
  version: 1,
})

/** The names of what differs, for the record. */
export function changedFields(before: TaskRow, after: TaskRow): JsonObject {
  const names = Object.keys(NAMES) as (keyof typeof NAMES)[]
  return { fields: names.filter((column) => before[column] !== after[column]).map((column) => NAMES[column]) }
}

const NAMES = {
  title: 'title',
  description: 'description',
  priority: 'priority',
  labels_json: 'labels',
  criteria_json: 'acceptanceCriteria',
  definition_json: 'definitionOfDone',
  needs_json: 'needs',
  dependencies_json: 'dependencies',
  blockers_json: 'blockers',
  assignee: 'assignee',
  executor_tool: 'executor',
  executor_inputs_json: 'executor',
  external_ids_json: 'externalIds',
} as const

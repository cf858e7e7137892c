import type { TaskStatus } from '#db/schema.ts'
import type { TaskRow } from '#db/tasks.ts'
import { type Context, contextOf } from '../context.ts'
import { AppError } from '../errors.ts'
import { sha256 } from '../ids.ts'
import { canonicalJson, type Json, type JsonObject } from '../json.ts'

/** One thing to check off before the work counts. `by` and `at` are of the last who checked it. */
export type TaskItem = { id: string; text: string; checked: boolean; by: string | null; at: string | null }

/** A tool that does the task; see the command `muster worker`. */
export type Executor = { tool: string; inputs: JsonObject }

/** As clients see it. What the ETag stands for is all of it but the ETag itself. */
export type TaskView = {
  id: string
  context: Context
  title: string
  description: string
  status: TaskStatus
  /** 0 to 100; more is more urgent. */
  priority: number
  labels: string[]
  acceptanceCriteria: TaskItem[]
  definitionOfDone: TaskItem[]
  /** What it takes, in words: access, material, skills. */
  needs: string[]
  /** Tasks that must be done before. */
  dependencies: string[]
  /** What is in the way: words, or the ids of tasks. */
  blockers: string[]
  assignee: string | null
  executor: Executor | null
  result: JsonObject | null
  externalIds: Record<string, string>
  doers: string[]
  attempts: number
  createdBy: string
  createdAt: string
  updatedAt: string
  statusAt: string
  version: number
  etag: string
}

export function taskView(row: TaskRow): TaskView {
  const view: Omit<TaskView, 'etag'> = {
    id: row.id,
    context: contextOf(row.context),
    title: row.title,
    description: row.description,
    status: row.status,
    priority: row.priority,
    labels: JSON.parse(row.labels_json),
    acceptanceCriteria: JSON.parse(row.criteria_json),
    definitionOfDone: JSON.parse(row.definition_json),
    needs: JSON.parse(row.needs_json),
    dependencies: JSON.parse(row.dependencies_json),
    blockers: JSON.parse(row.blockers_json),
    assignee: row.assignee,
    executor: executorOf(row),
    result: row.result_json === null ? null : JSON.parse(row.result_json),
    externalIds: JSON.parse(row.external_ids_json),
    doers: JSON.parse(row.doers_json),
    attempts: row.attempts,
    createdBy: row.created_by,
    createdAt: iso(row.created_at_ms),
    updatedAt: iso(row.updated_at_ms),
    statusAt: iso(row.status_at_ms),
    version: row.version,
  }
  return { ...view, etag: strongEtag(view as unknown as Json, row.version) }
}

const executorOf = (row: Pick<TaskRow, 'executor_tool' | 'executor_inputs_json'>): Executor | null =>
  row.executor_tool === null
    ? null
    : { tool: row.executor_tool, inputs: JSON.parse(row.executor_inputs_json ?? '{}') as JsonObject }

export const doersOf = (row: Pick<TaskRow, 'doers_json'>): string[] => JSON.parse(row.doers_json)

export const itemsOf = (row: Pick<TaskRow, 'criteria_json' | 'definition_json'>): TaskItem[] => [
  ...(JSON.parse(row.criteria_json) as TaskItem[]),
  ...(JSON.parse(row.definition_json) as TaskItem[]),
]

/** A strong ETag: a hash of the value, whatever the order of its keys, and the version. */
export const strongEtag = (value: Json, version: number): string =>
  `"${sha256(canonicalJson(value)).slice(0, 32)}-${version}"`

/** Whether an ETag is among those of a header; the quotes may be missing. */
export const namesEtag = (header: string, etag: string): boolean =>
  header.trim() === '*' || header.split(',').some((one) => one.trim() === etag || `"${one.trim()}"` === etag)

/**
 * That whoever changes it has read it as it is: `precondition_required` without an ETag, `precondition_failed` with the
 * current one when somebody was faster.
 */
export function requireMatch(ifMatch: string | undefined, row: TaskRow): void {
  if (ifMatch === undefined) {
    throw new AppError('precondition_required', 'Say in If-Match which version you have read: its ETag.')
  }
  const { etag } = taskView(row)
  if (!namesEtag(ifMatch, etag)) throw staleTask(etag)
}

export const staleTask = (etag: string): AppError =>
  new AppError('precondition_failed', 'Somebody changed this task since you read it. Read it again first.', {
    facts: { etag },
  })

const iso = (ms: number): string => new Date(ms).toISOString()

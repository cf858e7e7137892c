import type { JsonObject } from '#core/json.ts'
import type { ToolErrorCode } from '../tool.ts'

/** The tools whose work is done in the sandbox; each has a file of its name in `tasks/`. */
export type TaskKind = 'docs.changelog' | 'docs.format' | 'docs.lint' | 'data.transform'

export interface Task {
  kind: TaskKind
  input: JsonObject
}

/** Sandbox → host → thread. Values travel as JSON text: nothing but data gets in or out. */
export interface Order {
  id: number
  kind: TaskKind
  inputJson: string
  /** How long it may be worked on. */
  timeMs: number
}

/** Thread → host → sandbox. */
export type Report =
  /** The libraries are loaded; from here on time counts. */
  | { type: 'started'; id: number }
  | { type: 'done'; id: number; outputJson: string }
  /** `trace`: of a fault of the tool's own, for the log. */
  | { type: 'failed'; id: number; code: ToolErrorCode; message: string; trace?: string }
  /** The last words of a host whose thread ran out of memory, or of time. */
  | { type: 'memory' }
  | { type: 'time' }

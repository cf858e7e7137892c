import type { JsonObject } from '#core/json.ts'
import { ToolError } from '../tool.ts'
import type { Task, TaskKind } from './protocol.ts'

/** §5: what tools that parse people's text may take. */
const INPUT_BYTES_MAX = 64 * 1024
export const TASK_TIME_MS = 10_000

/** So many times its time on the wall is given to a task whose host still does not end it: then the host itself hangs. */
export const WALL_TIMES = 6
export const MEMORY_MB = 128
export const OUTPUT_BYTES_MAX = 5 * 1024 * 1024

/** Reading the libraries from a slow disk is not the document's fault, so it has a clock of its own. */
export const LOAD_TIME_MS = 30_000

/**
 * The most a whole host may occupy. A heap limit does not stop one single huge allocation; Node and the libraries
 * themselves take about 110 MB, the heap 128 MB, and the rest is room for garbage.
 */
export const HOST_RSS_MB = 384

/** What the input is called in a sentence. */
const INPUT_WORDS: Record<TaskKind, [noun: string, verb: string]> = {
  'docs.changelog': ['The log', 'is'],
  'docs.format': ['The document', 'is'],
  'docs.lint': ['The document', 'is'],
  'data.transform': ['The data and the expression', 'are together'],
}

/** Throws `limit_exceeded` when all inputs together are larger than the sandbox takes. */
export function checkTaskSize({ kind, input }: Task): void {
  const sizeBytes = inputBytes(input)
  if (sizeBytes <= INPUT_BYTES_MAX) return
  const [noun, verb] = INPUT_WORDS[kind]
  throw new ToolError(
    'limit_exceeded',
    `${noun} ${verb} ${kib(sizeBytes)}; ${kind} takes at most ${kib(INPUT_BYTES_MAX)}.`,
  )
}

/** Text counts as its UTF-8 bytes, everything else as its JSON. */
const inputBytes = (input: JsonObject): number =>
  Object.values(input)
    .map((value) => Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value)))
    .reduce((sum, bytes) => sum + bytes, 0)

const kib = (bytes: number): string => `${Math.ceil(bytes / 1024)} KiB`

export const tookTooLong = (kind: TaskKind, timeMs: number): ToolError =>
  new ToolError('limit_exceeded', `${kind} was stopped: it took longer than ${timeMs / 1000} s.`)

export const tookTooMuchMemory = (kind: TaskKind): ToolError =>
  new ToolError('limit_exceeded', `${kind} was stopped: it needed more than ${MEMORY_MB} MB of memory.`)

/** Entry of the worker thread in a sandbox process: does one task after another. Nothing is loaded before it is needed. */
import { parentPort } from 'node:worker_threads'
import type { JsonObject } from '#core/json.ts'
import { ToolError } from '../tool.ts'
import { OUTPUT_BYTES_MAX } from './limits.ts'
import type { Order, Report, TaskKind } from './protocol.ts'

type Run = (input: JsonObject) => Promise<JsonObject>

const LOADERS: Record<TaskKind, () => Promise<{ run: Run }>> = {
  'docs.changelog': () => import('./tasks/changelog.ts'),
  'docs.format': () => import('./tasks/format.ts'),
  'docs.lint': () => import('./tasks/lint.ts'),
  'data.transform': () => import('./tasks/transform.ts'),
}

const say = (report: Report): void => parentPort?.postMessage(report)

parentPort?.on('message', (order: Order) => void perform(order))

async function perform({ id, kind, inputJson }: Order): Promise<void> {
  try {
    const { run } = await LOADERS[kind]()
    say({ type: 'started', id })
    const outputJson = JSON.stringify(await run(JSON.parse(inputJson) as JsonObject))
    if (Buffer.byteLength(outputJson) > OUTPUT_BYTES_MAX) throw outputTooLarge(kind)
    say({ type: 'done', id, outputJson })
  } catch (thrown) {
    const { code, message } = toToolError(kind, thrown)
    const trace = code === 'internal' ? { trace: traceOf(thrown) } : {}
    say({ type: 'failed', id, code, message, ...trace })
  }
}

function toToolError(kind: TaskKind, thrown: unknown): ToolError {
  if (thrown instanceof ToolError) return thrown
  if (thrown instanceof RangeError && /call stack/i.test(thrown.message)) {
    return new ToolError('limit_exceeded', `${kind} was stopped: the input is nested too deep.`)
  }
  if (thrown instanceof RangeError && /string length|array length|buffer/i.test(thrown.message)) {
    return outputTooLarge(kind)
  }
  return new ToolError('internal', `${kind} failed for a reason of its own.`)
}

const TRACE_CHARACTERS_MAX = 4_000

const traceOf = (thrown: unknown): string =>
  String(thrown instanceof Error ? (thrown.stack ?? thrown.message) : thrown).slice(0, TRACE_CHARACTERS_MAX)

const outputTooLarge = (kind: TaskKind): ToolError =>
  new ToolError(
    'limit_exceeded',
    `${kind} was stopped: its result is larger than ${OUTPUT_BYTES_MAX / 1024 / 1024} MiB.`,
  )

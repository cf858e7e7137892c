import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { JsonObject } from '#core/json.ts'
import { ToolError } from '../tool.ts'
import { LOAD_TIME_MS, tookTooLong, tookTooMuchMemory, WALL_TIMES } from './limits.ts'
import type { Order, Report, Task, TaskKind } from './protocol.ts'

/** One sandbox process and the task it works on. Keeps the server alive only while it works. */
export interface Slot {
  /** False once the process has ended or has been told to; it is never used again. */
  isAlive(): boolean
  /** One task at a time, which may work for so long. The process ends when the task breaks a limit. */
  perform(task: Task, timeMs: number): Promise<JsonObject>
  /** Ends the process at once; a task in it is rejected with the error. */
  stop(error: ToolError): void
}

interface Job {
  id: number
  kind: TaskKind
  timeMs: number
  timer: NodeJS.Timeout
  resolve(output: JsonObject): void
  reject(error: ToolError): void
}

const HOST = fileURLToPath(new URL('./host.ts', import.meta.url))

/** No environment, no writing, no further processes: what runs in there has a text to read and nothing else to do. */
const HOST_FLAGS = ['--permission', '--allow-fs-read=*', '--allow-worker']

export function startSlot(): Slot {
  const child = fork(HOST, [], { execArgv: HOST_FLAGS, env: {}, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  let isAlive = true
  let lastId = 0
  let job: Job | undefined

  const take = (): Job | undefined => {
    const taken = job
    job = undefined
    clearTimeout(taken?.timer)
    keepAwake(child, false)
    return taken
  }
  const end = (errorFor: (kind: TaskKind) => ToolError): void => {
    isAlive = false
    child.kill('SIGKILL')
    const taken = take()
    taken?.reject(errorFor(taken.kind))
  }
  child.on('message', (message) => {
    const report = message as Report
    if (report.type === 'memory') return end(tookTooMuchMemory)
    if (job === undefined) return
    const { timeMs } = job
    if (report.type === 'time') return end((kind) => tookTooLong(kind, timeMs))
    if (report.id !== job.id) return
    if (report.type === 'started') {
      clearTimeout(job.timer)
      job.timer = setTimeout(() => end(hostEnded), timeMs * WALL_TIMES)
    } else if (report.type === 'done') take()?.resolve(JSON.parse(report.outputJson) as JsonObject)
    else take()?.reject(failureOf(report))
  })
  // V8 aborts the process when one allocation is far over the heap limit.
  child.on('exit', (_code, signal) => end(signal === 'SIGABRT' || signal === 'SIGTRAP' ? tookTooMuchMemory : hostEnded))
  child.on('error', () => end(hostEnded))
  keepAwake(child, false)

  return {
    isAlive: () => isAlive,
    stop: (error) => end(() => error),
    perform: (task, timeMs) =>
      new Promise((resolve, reject) => {
        const { kind } = task
        const order: Order = { id: ++lastId, kind, inputJson: JSON.stringify(task.input), timeMs }
        const timer = setTimeout(() => end(hostEnded), LOAD_TIME_MS)
        job = { id: order.id, kind, timeMs, timer, resolve, reject }
        keepAwake(child, true)
        child.send(order, (failure) => failure && end(hostEnded))
      }),
  }
}

/** While it works the server waits for it; idle it must not keep the server from ending. */
function keepAwake(child: ChildProcess, isAwake: boolean): void {
  if (isAwake) {
    child.ref()
    child.channel?.ref()
  } else {
    child.unref()
    child.channel?.unref()
  }
}

function failureOf({ code, message, trace }: Extract<Report, { type: 'failed' }>): ToolError {
  const error = new ToolError(code, message)
  if (trace !== undefined) error.cause = Object.assign(new Error(trace.split('\n', 1)[0]), { stack: trace })
  return error
}

const hostEnded = (kind: TaskKind): ToolError =>
  new ToolError('internal', `${kind} ended unexpectedly.`, { retryable: true })

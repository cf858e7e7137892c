/**
 * Entry of a sandbox process. It does no work itself: a worker thread with a heap limit does, and this thread stays
 * awake to pass messages, to watch memory and time, and to end at once when the server is gone. It is a process because V8 answers
 * one single allocation far over the limit by aborting the whole process, worker threads or not.
 */
import { Worker } from 'node:worker_threads'
import { HOST_RSS_MB, MEMORY_MB } from './limits.ts'
import type { Order, Report } from './protocol.ts'

const WATCH_MS = 25

const thread = new Worker(new URL('./thread.ts', import.meta.url), {
  execArgv: [],
  env: {},
  resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
})
/** What this process may have worked in all when the task has to be done; without a limit while the libraries are loaded. */
let endAtMs = Number.POSITIVE_INFINITY
let timeMs = 0
let watch: NodeJS.Timeout | undefined

thread.on('message', (report: Report) => {
  if (report.type === 'started') endAtMs = workedMs() + timeMs
  else clearInterval(watch)
  process.send?.(report)
})
thread.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') endFor('memory')
  else process.exit(1)
})
thread.on('exit', () => process.exit(1))

process.on('message', (order: Order) => {
  clearInterval(watch)
  timeMs = order.timeMs
  endAtMs = Number.POSITIVE_INFINITY
  watch = setInterval(look, WATCH_MS)
  thread.postMessage(order)
})
process.on('disconnect', () => process.exit(0))
// Ctrl-C reaches the whole process group; the server decides when its work ends.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})

function look(): void {
  if (process.memoryUsage.rss() > HOST_RSS_MB * 1024 * 1024) endFor('memory')
  else if (workedMs() > endAtMs) endFor('time')
}

/** A machine that sleeps, and one that has too much to do, are not the document's fault: only the processor's time counts. */
function workedMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

function endFor(type: 'memory' | 'time'): void {
  clearInterval(watch)
  thread.removeAllListeners()
  if (process.send) process.send({ type } satisfies Report, () => process.exit(1))
  else process.exit(1)
}

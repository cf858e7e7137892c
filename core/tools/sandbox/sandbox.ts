import type { JsonObject } from '#core/json.ts'
import { abortError } from '../abort.ts'
import { ToolError } from '../tool.ts'
import { checkTaskSize, TASK_TIME_MS } from './limits.ts'
import type { Task } from './protocol.ts'
import { type Slot, startSlot } from './slot.ts'

/** Runs tasks on what people sent, away from the server and within the limits of limits.ts. */
export interface Sandbox {
  /**
   * Waits for a free slot, then for the task. Rejects with a ToolError: `limit_exceeded` names the limit, `bad_input` says
   * what is wrong with the text, `cancelled` follows the signal. A task is pure, so it may be run again at any time.
   */
  run(task: Task, signal: AbortSignal): Promise<JsonObject>
  /** Rejects what waits, ends every process. Further tasks are refused. */
  close(): void
}

export interface SandboxOptions {
  /** Processes at once. They start when needed and are used again. */
  slotsMax: number
  /** Time for one task, without waiting and loading. */
  taskTimeMs: number
  /** A process with nothing to do for so long gives its memory back. */
  idleMs: number
  /** Tasks that may wait; more are told to come back. */
  queueMax: number
}

const DEFAULTS: SandboxOptions = { slotsMax: 2, taskTimeMs: TASK_TIME_MS, idleMs: 60_000, queueMax: 1_000 }

export function createSandbox(options: Partial<SandboxOptions> = {}): Sandbox {
  const { slotsMax, taskTimeMs, idleMs, queueMax } = { ...DEFAULTS, ...options }
  const waiting: { task: Task; signal: AbortSignal; start(slot: Slot): void; refuse(error: ToolError): void }[] = []
  const idle = new Map<Slot, NodeJS.Timeout>()
  const busy = new Set<Slot>()
  let isClosed = false

  const takeSlot = (): Slot | undefined => {
    for (const [slot, timer] of idle) {
      clearTimeout(timer)
      idle.delete(slot)
      if (slot.isAlive()) return slot
    }
    return busy.size < slotsMax ? startSlot() : undefined
  }
  const giveBack = (slot: Slot): void => {
    busy.delete(slot)
    if (slot.isAlive() && !isClosed) {
      idle.set(
        slot,
        setTimeout(() => {
          idle.delete(slot)
          slot.stop(closed())
        }, idleMs).unref(),
      )
    }
    pump()
  }
  const pump = (): void => {
    while (waiting.length > 0) {
      const slot = takeSlot()
      if (!slot) return
      busy.add(slot)
      waiting.shift()?.start(slot)
    }
  }
  const enqueue = (task: Task, signal: AbortSignal): Promise<JsonObject> =>
    new Promise((resolve, reject) => {
      const stop = (): void => {
        const place = waiting.indexOf(entry)
        if (place >= 0) waiting.splice(place, 1)
        reject(abortError(signal))
      }
      const entry = {
        task,
        signal,
        refuse: reject,
        start(slot: Slot): void {
          signal.removeEventListener('abort', stop)
          const kill = (): void => slot.stop(abortError(signal))
          signal.addEventListener('abort', kill, { once: true })
          slot
            .perform(task, taskTimeMs)
            .then(resolve, reject)
            .finally(() => {
              signal.removeEventListener('abort', kill)
              giveBack(slot)
            })
        },
      }
      signal.addEventListener('abort', stop, { once: true })
      waiting.push(entry)
      pump()
    })

  return {
    async run(task, signal) {
      if (signal.aborted) throw abortError(signal)
      if (isClosed) throw closed()
      checkTaskSize(task)
      if (waiting.length >= queueMax)
        throw new ToolError('limit_exceeded', 'Too many documents wait already.', { retryable: true })
      return enqueue(task, signal)
    },
    close() {
      isClosed = true
      for (const entry of waiting.splice(0)) entry.refuse(closed())
      for (const slot of [...busy, ...idle.keys()]) slot.stop(closed())
      for (const timer of idle.values()) clearTimeout(timer)
      idle.clear()
    },
  }
}

const closed = (): ToolError => new ToolError('cancelled', 'The server is stopping.', { retryable: true })

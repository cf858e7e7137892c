import type { JsonObject } from '#core/json.ts'
import { abortError } from '../abort.ts'
import { ToolError } from '../tool.ts'
import { checkTaskSize, TASK_TIME_MS } from './limits.ts'
import type { Task } from './protocol.ts'
import type { Slot } from './slot.ts'
import { createSlots } from './slots.ts'

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
  /** What one task may work, without waiting and loading. */
  taskTimeMs: number
  /** A process with nothing to do for so long gives its memory back. */
  idleMs: number
  /** Tasks that may wait; more are told to come back. */
  queueMax: number
}

const DEFAULTS: SandboxOptions = { slotsMax: 2, taskTimeMs: TASK_TIME_MS, idleMs: 60_000, queueMax: 1_000 }

interface Waiting {
  begin(slot: Slot): void
  refuse(error: ToolError): void
}

export function createSandbox(options: Partial<SandboxOptions> = {}): Sandbox {
  const { slotsMax, taskTimeMs, idleMs, queueMax } = { ...DEFAULTS, ...options }
  const slots = createSlots(slotsMax, idleMs, closed)
  const queue = new Set<Waiting>()
  let isClosed = false

  const pump = (): void => {
    for (const first of queue) {
      const slot = slots.take()
      if (!slot) return
      queue.delete(first)
      first.begin(slot)
    }
  }
  const slotFor = (signal: AbortSignal): Promise<Slot> =>
    new Promise((resolve, reject) => {
      const leave = (): void => {
        queue.delete(waiting)
        reject(abortError(signal))
      }
      const waiting: Waiting = {
        begin(slot) {
          signal.removeEventListener('abort', leave)
          resolve(slot)
        },
        refuse(error) {
          signal.removeEventListener('abort', leave)
          reject(error)
        },
      }
      signal.addEventListener('abort', leave, { once: true })
      queue.add(waiting)
      pump()
    })

  return {
    async run(task, signal) {
      if (signal.aborted) throw abortError(signal)
      if (isClosed) throw closed()
      checkTaskSize(task)
      if (queue.size >= queueMax) throw queueFull()
      const slot = await slotFor(signal)
      const kill = (): void => slot.stop(abortError(signal))
      signal.addEventListener('abort', kill, { once: true })
      try {
        // It may have been aborted after the slot was given and before this line.
        if (signal.aborted) throw abortError(signal)
        return await slot.perform(task, taskTimeMs)
      } finally {
        signal.removeEventListener('abort', kill)
        slots.giveBack(slot)
        pump()
      }
    },
    close() {
      isClosed = true
      for (const waiting of queue) waiting.refuse(closed())
      queue.clear()
      slots.stopAll(closed())
    },
  }
}

const queueFull = (): ToolError =>
  new ToolError('limit_exceeded', 'Too many documents wait already; try again in a moment.', { retryable: true })

const closed = (): ToolError => new ToolError('cancelled', 'The server is stopping.', { retryable: true })

import { findNextDue } from '#db/schedules.ts'
import type { Core } from '../core.ts'
import { fireDue } from './fire.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'settings' | 'outbound' | 'log' | 'models'>

/** Finds what other processes have put in, and makes clocks that jump harmless. */
const LOOK_EVERY_MS = 1_000

/**
 * Wakes for the schedule that is due first. There is one timer however many schedules there are; which slots there are, and
 * who has them, the rows say, so that any number of these may run in any number of processes.
 */
export class ScheduleTimer {
  readonly #core: Needs
  readonly #interval: NodeJS.Timeout
  /** Since when somebody looks here. */
  #sinceMs: number
  #looking: Promise<void> | undefined
  #lookAgain = false
  #hasStopped = false
  #cancelTimer: () => void = () => {}

  constructor(core: Needs) {
    this.#core = core
    this.#sinceMs = core.clock.nowMs()
    this.#interval = setInterval(() => this.wake(), LOOK_EVERY_MS)
    this.wake()
  }

  /** Something may be due, or be due earlier than was known. */
  wake(): void {
    this.#lookAgain = true
    if (this.#hasStopped) return
    this.#looking ??= this.#look()
  }

  /** Takes up nothing more; what is being started is finished. */
  async stop(): Promise<void> {
    this.#hasStopped = true
    clearInterval(this.#interval)
    this.#cancelTimer()
    await this.#looking
  }

  async #look(): Promise<void> {
    try {
      while (this.#lookAgain && !this.#hasStopped) {
        this.#lookAgain = false
        await this.#fireAll()
        await this.#setTimer()
      }
    } catch (err) {
      this.#core.log.error({ err }, 'Schedules could not be looked at and will be in a moment')
    } finally {
      this.#looking = undefined
    }
  }

  /** Until nothing is due any more, or others have what is. */
  async #fireAll(): Promise<void> {
    // A clock that was put back has not seen what it shows next.
    this.#sinceMs = Math.min(this.#sinceMs, this.#core.clock.nowMs())
    while (!this.#hasStopped && (await isDue(this.#core)) && (await fireDue(this.#core, this.#sinceMs)) > 0);
  }

  async #setTimer(): Promise<void> {
    this.#cancelTimer()
    const nextAtMs = (await findNextDue.first(this.#core.db, {}))?.next_at_ms
    if (nextAtMs === undefined || nextAtMs === null || this.#hasStopped) return
    const delayMs = nextAtMs - this.#core.clock.nowMs()
    // What is overdue and could not be had is left to the next look.
    if (delayMs > 0) this.#cancelTimer = this.#core.clock.after(delayMs, () => this.wake())
  }
}

/** One look at an index; most of the time there is nothing. */
async function isDue({ db, clock }: Pick<Core, 'db' | 'clock'>): Promise<boolean> {
  const nextAtMs = (await findNextDue.first(db, {}))?.next_at_ms
  return nextAtMs !== undefined && nextAtMs !== null && nextAtMs <= clock.nowMs()
}

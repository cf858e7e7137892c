import { createMetrics, type Metrics } from './metrics.ts'

/** What is told before anybody has looked waits here, up to so much. */
const WAITING_MAX = 500

/**
 * Metrics whose library is loaded when the page is first asked for, or when much has happened: a process that nobody measures
 * starts without it. Nothing that was told is lost.
 */
export class Tally {
  readonly #withProcess: boolean
  #waiting: ((metrics: Metrics) => void)[] = []
  #metrics: Metrics | undefined
  #opening: Promise<Metrics> | undefined

  constructor({ withProcess = false }: { withProcess?: boolean } = {}) {
    this.#withProcess = withProcess
  }

  tell(note: (metrics: Metrics) => void): void {
    if (this.#metrics) {
      note(this.#metrics)
      return
    }
    this.#waiting.push(note)
    if (this.#waiting.length >= WAITING_MAX) void this.open()
  }

  open(): Promise<Metrics> {
    this.#opening ??= createMetrics({ withProcess: this.#withProcess }).then((metrics) => {
      this.#metrics = metrics
      for (const note of this.#waiting.splice(0)) note(metrics)
      return metrics
    })
    return this.#opening
  }
}

import type { Log } from '#core/core.ts'
import { refusalOf } from './outcome.ts'
import type { Post, Sent } from './pack.ts'

/** Not every workspace takes plans yet. The first refusal is remembered for as long as this process lives. */
export class Plans {
  readonly #log: Log
  #areRefused = false

  constructor(log: Log) {
    this.#log = log
  }

  /** Calls with the message as it is best; where Slack refuses that for its plan, with the same in plain text. */
  async sendWith<T>({ text, blocks, plain }: Post, call: (sent: Sent) => Promise<T>): Promise<T> {
    if (!plain || this.#areRefused) return call({ text, blocks: plain ?? blocks })
    try {
      return await call({ text, blocks })
    } catch (error) {
      if (refusalOf(error) !== 'invalid_blocks') throw error
      const answer = await call({ text, blocks: plain })
      // Only now is it known that the plan was what Slack did not take.
      this.#areRefused = true
      this.#log.info({}, 'Slack takes no plans here; progress is shown as text')
      return answer
    }
  }
}

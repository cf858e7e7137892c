import type { Tx } from '#db/db.ts'
import { confirmClaim } from '#db/queue/claims.ts'
import type { Claim } from '#db/queue/queue.ts'
import type { Core } from '../core.ts'

type Write = (tx: Tx) => Promise<unknown>

/**
 * What is to be written of a conversation's deliveries. Outcomes go with the next write, at the latest with the release of
 * the claim; a crash before that leaves their rows `sending`, which is what they are told apart by.
 */
export class DeliveryMarks {
  readonly #core: Pick<Core, 'db'>
  readonly #claim: Claim
  #pending: Write[] = []
  #editing: number[] = []

  constructor(core: Pick<Core, 'db'>, claim: Claim) {
    this.#core = core
    this.#claim = claim
  }

  later(write: Write): void {
    this.#pending.push(write)
  }

  /** A card is about to be edited; until the next write nobody else knows of it. */
  editing(seq: number): void {
    this.#editing.push(seq)
  }

  /** The cards that were edited, or may have been, and of which nothing is on record. */
  get unrecorded(): readonly number[] {
    return this.#editing
  }

  async now(write: Write): Promise<void> {
    this.#pending.push(write)
    await this.flush()
  }

  /** To be called under the claim: a worker that lost its lease writes nothing. */
  async write(tx: Tx): Promise<void> {
    for (const write of this.#pending) await write(tx)
    tx.afterCommit(() => {
      this.#pending = []
      this.#editing = []
    })
  }

  async flush(): Promise<void> {
    const marks = this
    await this.#core.db.write(
      async function writeDelivery(tx) {
        await confirmClaim(tx, marks.#claim)
        await marks.write(tx)
      },
      { together: true },
    )
  }
}

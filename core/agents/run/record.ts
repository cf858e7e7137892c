import { insertAgentTurn, listAgentTurns, listModelCostsSince } from '#db/agent-turns.ts'
import type { Tx } from '#db/db.ts'
import type { Core } from '../../core.ts'
import { requireOpenStep } from '../../runs/open-step.ts'
import type { TurnPlace } from './pause.ts'
import { type Transcript, transcriptOf } from './transcript.ts'
import { type StoredTurn, type Turn, turnOf, turnRow } from './turn.ts'

/**
 * The turns of one step, as they are stored: nothing is known here that a worker who comes after a crash would not know. The
 * database given writes only under the claim of the run, and a turn that is there is not written again, so of two that
 * believe they go on, one does.
 */
export class Record {
  readonly #core: Pick<Core, 'db' | 'clock'>
  readonly #place: Omit<TurnPlace, 'turn'>
  #turns: StoredTurn[] = []
  /** What its model was asked without a turn: whoever asked was killed, or stopped, before there was one. */
  #lostMicros = 0n

  constructor(core: Pick<Core, 'db' | 'clock'>, place: Omit<TurnPlace, 'turn'>) {
    this.#core = core
    this.#place = place
  }

  async read(): Promise<void> {
    const { db } = this.#core
    const rows = await listAgentTurns.all(db, this.#place)
    this.#turns = rows.map(turnOf)
    if (!rows[0]) return
    const { runId, seq } = this.#place
    const asked = await listModelCostsSince.all(db, { runId, seq, sinceMs: rows[0].at_ms })
    const known = this.#turns.filter(({ kind }) => kind === 'model' || kind === 'lost')
    this.#lostMicros = sum(asked.map(({ cost_micros }) => cost_micros)) - sum(known.map(({ costMicros }) => costMicros))
  }

  get transcript(): Transcript {
    const transcript = transcriptOf(this.#turns)
    return { ...transcript, spentMicros: transcript.spentMicros + this.#lostMicros }
  }

  /** Where the next turn will stand. */
  get next(): TurnPlace {
    return { ...this.#place, turn: this.#turns.length + 1 }
  }

  /** `allowed` is checked in the same transaction: refused, nothing is written. */
  async write(
    turn: Turn,
    { costMicros = 0n, tookMs = 0 }: { costMicros?: bigint; tookMs?: number } = {},
    allowed?: (tx: Tx) => Promise<unknown>,
  ): Promise<void> {
    const row = turnRow(this.next, turn, { costMicros, tookMs, nowMs: this.#core.clock.nowMs() })
    const place = this.#place
    await this.#core.db.write(async function writeTurn(tx) {
      await requireOpenStep(tx, place)
      await allowed?.(tx)
      await insertAgentTurn.run(tx, row)
    })
    this.#turns = [...this.#turns, turnOf(row)]
  }
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((one, other) => one + other, 0n)

import type { Happened } from './decide.ts'

/** Something that a step waited for and that has come: what the engine is told, and what it cost. */
export interface Arrival {
  happened: Happened
  costMicros: bigint
}

import type { Claim } from '#db/queue/queue.ts'
import type { Core } from '../../core.ts'
import type { StepModels } from '../../models/step-models.ts'
import type { StepWork } from '../../runs/decide.ts'
import type { StoredRun } from '../../runs/stored.ts'
import type { Agent } from '../agent.ts'

/** What one agent's step stands on. `db` writes only under the claim of the run. */
export interface LoopWorld {
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'settings' | 'outbound' | 'log' | 'models'>
  claim: Claim
  run: StoredRun
  work: StepWork & { kind: 'tool' }
  /** The most this step may spend, which is held for it. */
  heldMicros: bigint
  /** For the question that will be that turn; undefined when no model was chosen for the step. */
  models(turn: number, leftMicros: bigint): StepModels | undefined
  recall(agent: Agent, text: string): Promise<string[]>
}

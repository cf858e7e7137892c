import { underClaim } from '#db/queue/claims.ts'
import type { Claim } from '#db/queue/queue.ts'
import type { Core } from '../../core.ts'
import type { JsonObject } from '../../json.ts'
import { stepModels } from '../../models/step-models.ts'
import type { StepWork } from '../../runs/decide.ts'
import { maxCostOf } from '../../runs/funds.ts'
import type { StoredRun } from '../../runs/stored.ts'
import type { Supply } from '../../tools/supply.ts'
import { recallMemory } from '../memory.ts'
import { AgentLoop } from './loop.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'settings' | 'outbound' | 'log' | 'models'>

/** For the tool `agent.run`: the agent, with everything it did in this step so far. What it writes it writes under the claim. */
export async function supplyAgent(
  core: Needs,
  run: StoredRun,
  work: StepWork & { kind: 'tool' },
  input: JsonObject,
  claim: Claim,
): Promise<Supply> {
  const agent = new AgentLoop({
    core: { ...core, db: underClaim(core.db, claim) },
    claim,
    run,
    work,
    heldMicros: maxCostOf(run, work),
    models: (turn, leftMicros) => {
      // Each question has a key of its own, the same whoever asks it.
      const asked = { ...work, idempotencySuffix: `${work.idempotencySuffix}:turn-${turn}` }
      return stepModels(core, run, asked, { claim, leftMicros })
    },
    recall: (one, text) => recallMemory(core.db, one.context, text),
  })
  return { input, context: { outbound: core.outbound, agent } }
}

import type { Claim } from '#db/queue/queue.ts'
import { supplyAgent } from '../agents/run/supply.ts'
import type { Core } from '../core.ts'
import { AGENT_TOOL } from '../jobs/price-key.ts'
import type { JsonObject } from '../json.ts'
import type { Supply } from '../tools/supply.ts'
import type { StepWork } from './decide.ts'
import type { StoredRun } from './stored.ts'
import { supplyFor } from './supply.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'settings' | 'outbound' | 'log' | 'models'>

/** What a step's tool is handed. An agent writes down what it does, and only while this worker has the claim of the run. */
export const supplyStep = (
  core: Needs,
  run: StoredRun,
  work: StepWork & { kind: 'tool' },
  input: JsonObject,
  claim: Claim,
): Promise<Supply> =>
  work.toolId === AGENT_TOOL ? supplyAgent(core, run, work, input, claim) : supplyFor(core, run, work, input, claim)

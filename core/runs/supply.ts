import type { Claim } from '#db/queue/queue.ts'
import { supplyMemory } from '../agents/keep-memory.ts'
import { supplyJob } from '../callbacks/supply.ts'
import type { Core } from '../core.ts'
import { endpointOf } from '../endpoints/endpoint.ts'
import { supplyEndpoint } from '../endpoints/supply.ts'
import { JOB_TOOL, REQUEST_TOOL } from '../jobs/price-key.ts'
import type { JsonObject } from '../json.ts'
import { isModelTool } from '../models/model-tools.ts'
import { supplyModels } from '../models/supply.ts'
import { isSendTool, MEMORY_TOOL } from '../sending/order.ts'
import { supplySend } from '../sending/supply.ts'
import type { Supply } from '../tools/supply.ts'
import type { StepWork } from './decide.ts'
import type { StoredRun } from './stored.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'settings' | 'outbound' | 'models'>

/** Most tools get nothing, and nothing is read for them. Throws a ToolError when what the input names is not there. */
export async function supplyFor(
  core: Needs,
  run: StoredRun,
  work: StepWork & { kind: 'tool' },
  input: JsonObject,
  claim: Claim,
): Promise<Supply> {
  const idempotencyKey = `${run.row.id}:${work.idempotencySuffix}`
  const { toolId } = work
  if (toolId === JOB_TOOL) return supplyJob(core, run, input, idempotencyKey)
  if (isModelTool(toolId)) return supplyModels(core, run, work, input, claim)
  if (isSendTool(toolId)) return supplySend(core, run, toolId, input)
  if (toolId === MEMORY_TOOL) return supplyMemory(core, run, input)
  const endpoint = endpointOf(toolId)
  if (toolId !== REQUEST_TOOL && endpoint === undefined) return { input, context: { outbound: core.outbound } }
  return supplyEndpoint(core, run, { input: work.input, defaults: defaultsOf(run, toolId), endpoint, idempotencyKey })
}

/** Saved inputs, the tool's own over those for HTTP calls in general. */
const defaultsOf = ({ toolDefaults }: StoredRun, toolId: string): JsonObject[] =>
  [REQUEST_TOOL, ...(toolId === REQUEST_TOOL ? [] : [toolId])].map((id) => toolDefaults[id] ?? {})

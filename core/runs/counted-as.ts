import type { Reader } from '#db/db.ts'
import { agentIn } from '../agents/agent.ts'
import type { ContextKey } from '../context.ts'
import type { JobDefinition, Mapping } from '../jobs/definition.ts'
import { JOB_TOOL, priceKeyOf } from '../jobs/price-key.ts'
import type { Json, JsonObject } from '../json.ts'
import type { CountedAs } from './pins.ts'
import type { PreparedRun } from './prepare.ts'

/** The same run, that budgets know by more than its job. */
export const countedAs = (prepared: PreparedRun, more: CountedAs): PreparedRun => {
  const { pinned } = prepared
  const { pins } = pinned
  return { ...prepared, pinned: { ...pinned, pins: { ...pins, counted: { ...pins.counted, ...more } } } }
}

const AGENT_TOOL = 'agent.run'

/** What a run is known by from the start: the agent that it asks, and the providers whose jobs it starts. */
export async function countedFrom(
  on: Reader,
  context: ContextKey,
  definition: JobDefinition,
  inputs: JsonObject,
): Promise<CountedAs | undefined> {
  let agentId: string | undefined
  const providers = new Set<string>()
  for (const step of definition.steps) {
    if (!('toolId' in step)) continue
    if (step.toolId === AGENT_TOOL)
      agentId ??= await agentIdIn(on, context, knownValue(step.inputMappings?.agent, inputs))
    const [tool, provider] = priceKeyOf(step, inputs).split('/')
    if (tool === JOB_TOOL && provider !== undefined) providers.add(provider)
  }
  if (agentId === undefined && providers.size === 0) return undefined
  return {
    ...(agentId === undefined ? {} : { agentId }),
    ...(providers.size === 0 ? {} : { providers: [...providers] }),
  }
}

const knownValue = (mapping: Mapping | undefined, inputs: JsonObject): Json | undefined =>
  mapping === undefined
    ? undefined
    : 'value' in mapping
      ? mapping.value
      : 'input' in mapping && Object.hasOwn(inputs, mapping.input)
        ? inputs[mapping.input]
        : undefined

/** By its id: a budget stays with an agent that gets another name. */
async function agentIdIn(on: Reader, context: ContextKey, named: Json | undefined): Promise<string | undefined> {
  return typeof named === 'string' ? (await agentIn(on, context, named))?.id : undefined
}

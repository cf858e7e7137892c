import { underClaim } from '#db/queue/claims.ts'
import type { Claim } from '#db/queue/queue.ts'
import { contextKey } from '../../context.ts'
import type { Core } from '../../core.ts'
import type { JsonObject } from '../../json.ts'
import { estimateTokens } from '../../models/tokens.ts'
import { chooseModel } from '../../policy/choose.ts'
import type { StepWork } from '../../runs/decide.ts'
import { maxCostOf } from '../../runs/funds.ts'
import type { StoredRun } from '../../runs/stored.ts'
import type { Supply } from '../../tools/supply.ts'
import { ToolError } from '../../tools/tool.ts'
import type { Agent } from '../agent.ts'
import type { AgentModels, Asked } from './asking.ts'
import { AgentLoop } from './loop.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'settings' | 'outbound' | 'log' | 'models'>

/** For the tool `agent.run`: the agent, with everything it did in this step so far. What it writes it writes under the claim. */
export async function supplyAgent(
  core: Needs,
  run: StoredRun,
  work: StepWork & { kind: 'tool' },
  input: JsonObject,
  claim: Claim,
): Promise<Supply> {
  const fenced = { ...core, db: underClaim(core.db, claim) }
  const agent = new AgentLoop({
    core: fenced,
    run,
    work,
    heldMicros: maxCostOf(run, work),
    models: (one) => modelsOf(fenced, run, one),
    recall: async () => [],
  })
  return { input, context: { outbound: core.outbound, agent } }
}

function modelsOf(core: Needs, run: StoredRun, { id, profile }: Agent): AgentModels {
  const chosen = async () => {
    const found = await chooseModel(core.db, {
      context: contextKey(run.context),
      jobId: run.row.job_key,
      agentId: id,
      toolId: 'agent.run',
      asked: profile.model === null ? {} : { model: profile.model },
      nowMs: core.clock.nowMs(),
    })
    if ('refused' in found) throw new ToolError('refused', found.refused.message)
    return found.choice
  }
  const costOf = (inputTokens: number, outputTokens: number, rates: { inputMicros: bigint; outputMicros: bigint }) =>
    (BigInt(inputTokens) * rates.inputMicros + BigInt(outputTokens) * rates.outputMicros + 999_999n) / 1_000_000n
  return {
    async worstMicros(request: Asked) {
      const { rates, maxTokens } = await chosen()
      const inputTokens = estimateTokens(JSON.stringify([request.system, request.messages, request.tools ?? []]))
      return costOf(inputTokens, maxTokens, rates)
    },
    async ask(request) {
      const choice = await chosen()
      const answer = await core.models.ask({ ...request, choice }, null)
      const { inputTokens, outputTokens } = answer.usage
      return { answer, costMicros: costOf(inputTokens, outputTokens, choice.rates) }
    },
  }
}

import type { Reader } from '#db/db.ts'
import { listPolicies } from '#db/policies.ts'
import { may, mayOnPlatform } from '../access.ts'
import type { Actor } from '../actor.ts'
import { agentIn } from '../agents/agent.ts'
import { INSTANCE } from '../connections/connection.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { notFound } from '../errors.ts'
import type { ModelChoice } from '../models/model.ts'
import { requireContext } from '../teams/standing.ts'
import type { Chosen, PolicyCase } from './choice.ts'
import { chooseModel } from './choose.ts'
import { type Policy, type PolicyDocument, reigning, storedPolicy } from './document.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'settings'>

export interface StoredPolicy {
  document: PolicyDocument
  /** 0 where nobody wrote one. */
  version: number
  updatedBy: string | null
  updatedAt: string | null
}

export interface PolicyView {
  context: Actor['context']
  /** What reigns here, with nothing left open. */
  effective: Policy
  own: StoredPolicy
  instance: StoredPolicy
  mayChange: boolean
  mayChangeInstance: boolean
  /** Said wherever the mock answers in place of models; null where it does not. */
  banner: string | null
}

export const MOCK_BANNER = 'The mock is on here: it answers in place of models, and what it makes is marked.'

/** The policy of the actor's context, for everybody who may look at it. */
export async function readPolicies({ db }: Needs, actor: Actor): Promise<PolicyView> {
  const standing = await requireContext(db, actor, actor.context, 'read')
  const context = contextKey(actor.context)
  const rows = await listPolicies.all(db, { context, instance: INSTANCE })
  const stored = (owner: string): StoredPolicy => {
    const row = rows.find((one) => one.context === owner)
    if (!row) return { document: {}, version: 0, updatedBy: null, updatedAt: null }
    return {
      document: storedPolicy(row.document_json),
      version: row.version,
      updatedBy: row.updated_by,
      updatedAt: new Date(row.updated_at_ms).toISOString(),
    }
  }
  const own = stored(context)
  const instance = stored(INSTANCE)
  const effective = reigning(own.document, instance.document)
  return {
    context: actor.context,
    effective,
    own,
    instance,
    mayChange: standing === undefined || may(standing, 'limit'),
    mayChangeInstance: mayOnPlatform(actor.platformRole, 'set_policy'),
    banner: effective.mock ? MOCK_BANNER : null,
  }
}

export interface PolicyQuestion {
  job?: string | undefined
  /** By id or name. */
  agent?: string | undefined
  tool?: string | undefined
  model?: string | undefined
}

/** Which model something would get at this moment, which of the cases that is, and why. */
export interface PolicyExplained {
  case: PolicyCase
  explain: string
  allowed: string[]
  /** Null where nothing would be asked; then `refused` says why. */
  choice: Pick<ModelChoice, 'provider' | 'model' | 'connection' | 'effort' | 'maxTokens'> | null
  refused: { code: string; message: string } | null
  banner: string | null
}

/** For everybody who may look at the context. Holds nothing and starts nothing. */
export async function explainPolicy(core: Needs, actor: Actor, asked: PolicyQuestion): Promise<PolicyExplained> {
  const { effective } = await readPolicies(core, actor)
  const { accountId } = actor
  const context = contextKey(actor.context)
  const wanted = {
    context,
    accountId,
    jobId: asked.job ?? null,
    agentId: asked.agent === undefined ? null : await agentIdOf(core.db, context, asked.agent),
    toolId: asked.tool ?? (asked.agent === undefined ? 'llm.generate' : 'agent.run'),
    asked: asked.model === undefined ? {} : { model: asked.model },
    nowMs: core.clock.nowMs(),
    settings: core.settings,
  }
  const chosen = await chooseModel(core.db, wanted)
  return explained(chosen, effective)
}

async function agentIdOf(on: Reader, context: string, named: string): Promise<string> {
  const agent = await agentIn(on, context, named)
  if (!agent) throw notFound('such agent')
  return agent.id
}

function explained(chosen: Chosen, policy: Policy): PolicyExplained {
  const banner = policy.mock ? MOCK_BANNER : null
  const common = { case: chosen.because, allowed: [...policy.allowed], banner }
  if ('refused' in chosen) {
    return { ...common, explain: chosen.refused.message, choice: null, refused: { ...chosen.refused } }
  }
  const { provider, model, connection, effort, maxTokens } = chosen.choice
  const choice = { provider, model, connection, effort, maxTokens }
  return { ...common, explain: chosen.explain, choice, refused: null }
}

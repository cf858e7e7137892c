import type { Reader } from '#db/db.ts'
import { listRestingCircuits } from '#db/model-circuits.ts'
import { listPolicies } from '#db/policies.ts'
import { findTeam } from '#db/teams.ts'
import { INSTANCE } from '../connections/connection.ts'
import { type ContextKey, contextOf } from '../context.ts'
import { usableConnections } from '../models/connections.ts'
import { standingsOf } from './budgets/standing.ts'
import type { ModelWanted, PolicyFacts, UsableConnection } from './choice.ts'
import { type Policy, reigning, storedPolicy } from './document.ts'
import { modelPrices } from './model-prices.ts'

/** Everything that decides which model is asked, as it is now. */
export async function policyFacts(on: Reader, wanted: ModelWanted): Promise<PolicyFacts> {
  const { context, nowMs, accountId = '', agentId, jobId, ofJobId, settings } = wanted
  const spending = {
    context: contextOf(context),
    accountId,
    jobId: ofJobId ?? jobId ?? undefined,
    agentIds: agentId === null ? [] : [agentId],
  }
  const resting = await listRestingCircuits.all(on, { nowMs })
  return {
    policy: await policyIn(on, context),
    where: await whereOf(on, context),
    wanted,
    connections: settings ? await connectionsHere(on, settings, context) : [],
    // `openai/conn_…`
    open: new Set(resting.map(({ id }) => id.slice(id.indexOf('/') + 1))),
    prices: await modelPrices(on, nowMs),
    ...(await standingsOf(on, spending, nowMs)),
  }
}

/** What reigns in a context. */
export async function policyIn(on: Reader, context: ContextKey): Promise<Policy> {
  const rows = await listPolicies.all(on, { context, instance: INSTANCE })
  return reigning(...rows.map(({ document_json }) => storedPolicy(document_json)))
}

async function whereOf(on: Reader, context: ContextKey): Promise<string> {
  const { type, id } = contextOf(context)
  if (type === 'user') return 'your personal context'
  return (await findTeam.first(on, { id }))?.name ?? 'the team'
}

async function connectionsHere(
  on: Reader,
  settings: NonNullable<ModelWanted['settings']>,
  context: ContextKey,
): Promise<UsableConnection[]> {
  const found = await usableConnections(on, settings, context)
  return found.filter(({ isReadable }) => isReadable)
}

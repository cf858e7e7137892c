import { listConnections } from '#db/connections.ts'
import type { Reader } from '#db/db.ts'
import { listPolicies } from '#db/policies.ts'
import { findTeam } from '#db/teams.ts'
import { INSTANCE } from '../connections/connection.ts'
import type { Keyring } from '../connections/keyring.ts'
import { masterIdOf } from '../connections/seal.ts'
import { type ContextKey, contextOf } from '../context.ts'
import { usableConnections } from '../models/connections.ts'
import { MODEL_PROVIDERS } from '../models/model.ts'
import { standingsOf } from './budgets/standing.ts'
import type { ModelWanted } from './choice.ts'
import { type Policy, reigning, storedPolicy } from './document.ts'
import { type ModelPrice, nameOf } from './model-name.ts'
import { MOCK, type PolicyFacts, type UsableConnection } from './resolve.ts'

/** What the choice of a model needs of the world beside the database. */
export interface ModelWorld {
  /** Connections whose secret cannot be read with it are not used; without one all of them are. */
  keyring?: Keyring
  /** Prices of models; those that are stored when nothing is said. */
  prices?: readonly ModelPrice[]
  /** Ids of connections that are left alone because they failed. */
  open?: ReadonlySet<string>
}

/** Everything that decides which model is asked, as it is now. */
export async function policyFacts(on: Reader, wanted: ModelWanted, world: ModelWorld = {}): Promise<PolicyFacts> {
  const { context, nowMs, accountId, agentId, jobId, scheduleId } = wanted
  const place = contextOf(context)
  const spending = {
    context: place,
    accountId: accountId ?? '',
    jobId: jobId ?? undefined,
    agentId: agentId ?? undefined,
    scheduleId,
  }
  return {
    policy: await policyIn(on, context),
    where: await whereOf(on, context),
    wanted,
    connections: wanted.settings
      ? (await usableConnections(on, wanted.settings, context)).filter(({ isReadable }) => isReadable)
      : await usableHere(on, context, world.keyring),
    open: world.open ?? new Set(),
    prices: world.prices ?? [MOCK],
    ...(await standingsOf(on, spending, nowMs)),
  }
}

export async function policyIn(on: Reader, context: ContextKey): Promise<Policy> {
  const rows = await listPolicies.all(on, { context, instance: INSTANCE })
  return reigning(...rows.map(({ document_json }) => storedPolicy(document_json)))
}

export async function whereOf(on: Reader, context: ContextKey): Promise<string> {
  const { type, id } = contextOf(context)
  if (type === 'user') return 'your personal context'
  return (await findTeam.first(on, { id }))?.name ?? 'the team'
}

/** Those of the context before those of the instance. */
async function usableHere(on: Reader, context: ContextKey, keyring?: Keyring): Promise<UsableConnection[]> {
  const rows = await listConnections.all(on, { context, instance: INSTANCE })
  return rows
    .filter(({ provider }) => MODEL_PROVIDERS.some((known) => known === provider))
    .filter(({ sealed }) => keyring === undefined || keyring.find(masterIdOf(sealed)) !== undefined)
    .map(({ id, name, provider }) => ({ id, name, provider }))
}

/** By name, for lists that people read. */
export const namesOf = (prices: readonly ModelPrice[]): string[] => prices.map(nameOf).sort()

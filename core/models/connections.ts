import { listConnections } from '#db/connections.ts'
import type { Reader } from '#db/db.ts'
import { INSTANCE, settingsOf } from '../connections/connection.ts'
import { masterIdOf } from '../connections/seal.ts'
import { credentialFor } from '../connections/use.ts'
import type { ContextKey } from '../context.ts'
import type { Core } from '../core.ts'
import type { Settings } from '../settings.ts'
import { ToolError } from '../tools/tool.ts'
import type { ModelChoice, ModelCredential, ModelProvider } from './model.ts'

/** A connection to models from the environment: it acts as one of the instance, and is stored nowhere. */
export interface EnvironmentConnection {
  /** `env-openai`: its id and its name. */
  id: string
  provider: Exclude<ModelProvider, 'mock'>
  baseUrl: string
  secret: string
}

/** What a context may ask models with. Never holds a secret. */
export interface UsableConnection {
  id: string
  name: string
  provider: Exclude<ModelProvider, 'mock'>
  baseUrl: string
  owner: 'context' | 'instance' | 'environment'
  /** False when its secret cannot be read with the keys at hand: it cannot be used then. */
  isReadable: boolean
}

const PROVIDERS: readonly string[] = ['openai', 'anthropic', 'google', 'openai_compatible'] satisfies ModelProvider[]

/** Every connection to models that a context can use: its own, then the instance's, then those of the environment. */
export async function usableConnections(
  on: Reader,
  settings: Pick<Settings, 'keyring' | 'modelConnections'>,
  context: ContextKey,
): Promise<UsableConnection[]> {
  const rows = await listConnections.all(on, { context, instance: INSTANCE })
  const stored = rows
    .filter(({ provider }) => PROVIDERS.includes(provider))
    .map((row): UsableConnection => {
      return {
        id: row.id,
        name: row.name,
        provider: row.provider as UsableConnection['provider'],
        baseUrl: settingsOf(row).baseUrl,
        owner: row.context === INSTANCE ? 'instance' : 'context',
        isReadable: settings.keyring.find(masterIdOf(row.sealed)) !== undefined,
      }
    })
  const fromEnvironment = settings.modelConnections.map(({ id, provider, baseUrl }): UsableConnection => {
    return { id, name: id, provider, baseUrl, owner: 'environment', isReadable: true }
  })
  return [...stored, ...fromEnvironment]
}

/** The secret behind a choice, as it is now; null for the mock. Throws a ToolError when there is none any more. */
export async function modelCredential(
  core: Pick<Core, 'db' | 'settings'>,
  context: ContextKey,
  { provider, connection }: ModelChoice,
): Promise<ModelCredential | null> {
  if (provider === 'mock') return null
  if (connection === null) throw new ToolError('bad_input', `There is no connection to ${provider} here.`)
  const given = core.settings.modelConnections.find(({ id }) => id === connection)
  if (given) return { baseUrl: given.baseUrl, secret: given.secret }
  const stored = await credentialFor(core, context, connection)
  if (!stored) throw new ToolError('bad_input', `There is no connection ${connection} here.`)
  return { baseUrl: stored.settings.baseUrl, secret: stored.secret }
}

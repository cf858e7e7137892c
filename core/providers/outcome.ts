import { cut } from '../cut.ts'
import type { Json } from '../json.ts'
import { readPath } from '../json-path.ts'
import type { ProviderDefinition } from './provider.ts'

/** What ends a wait, as it is stored. */
export type Outcome = { kind: 'succeeded'; result: Json } | { kind: 'failed'; message: string }

const REASON_MAX_CHARACTERS = 500

/** What a callback, a poll or the first answer says; undefined when the job is not over yet, or nobody can tell. */
export function outcomeOf(provider: ProviderDefinition, said: Json): Outcome | undefined {
  const status = statusOf(provider, said)
  if (status === undefined) return undefined
  if (provider.successValues.includes(status)) {
    return { kind: 'succeeded', result: readPath(said, provider.resultPath) ?? null }
  }
  if (!provider.failureValues.includes(status)) return undefined
  const reason = provider.errorPath === null ? undefined : readPath(said, provider.errorPath)
  const because = reason === undefined || reason === null ? '' : `: ${cut(textOf(reason), REASON_MAX_CHARACTERS)}`
  return { kind: 'failed', message: `${provider.name} reported “${status}”${because}.`.replace(/([.!?])\.$/, '$1') }
}

function statusOf({ statusPath }: ProviderDefinition, said: Json): string | undefined {
  const status = readPath(said, statusPath)
  return typeof status === 'string' || typeof status === 'number' || typeof status === 'boolean'
    ? String(status)
    : undefined
}

/** The provider's own id of the job, from what it said. */
export function runIdOf({ runIdPath }: ProviderDefinition, said: Json): string | null {
  const id = readPath(said, runIdPath)
  return typeof id === 'string' || typeof id === 'number' ? cut(String(id), 200) : null
}

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

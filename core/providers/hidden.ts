import type { CallbackTable, ProviderTable } from '#db/schema.ts'
import type { Keyring } from '../connections/keyring.ts'
import { type Place, SealError, seal, unseal } from '../connections/seal.ts'
import { MASK } from '../endpoints/masked.ts'
import { type ProviderDefinition, providerOf, type RequestTemplate } from './provider.ts'

interface Secrets {
  submit: Record<string, string>
  poll: Record<string, string> | null
  secret: string | null
}

type At = Pick<Place, 'table' | 'owner' | 'id'>
const placeOf = (at: At): Place => ({ ...at, field: 'secrets' })

export const providerAt = ({ id, context }: Pick<ProviderTable, 'id' | 'context'>): At => ({
  table: 'provider',
  owner: context,
  id,
})
export const callbackAt = ({ key, context }: Pick<CallbackTable, 'key' | 'context'>): At => ({
  table: 'callback',
  owner: context,
  id: key,
})

/** A provider as it is stored: its headers and its secret are encrypted, and in clear there are masks. */
export function hideSecrets(
  keyring: Keyring,
  at: At,
  provider: ProviderDefinition,
): { json: string; sealed: string | null } {
  const { submit, poll, secret } = provider
  const secrets: Secrets = { submit: submit.headers, poll: poll?.headers ?? null, secret }
  const hasNone = Object.keys({ ...secrets.submit, ...secrets.poll }).length === 0 && secret === null
  if (hasNone) return { json: JSON.stringify(provider), sealed: null }
  const shown: ProviderDefinition = {
    ...provider,
    submit: masking(submit),
    poll: poll && masking(poll),
    secret: secret && MASK,
  }
  return { json: JSON.stringify(shown), sealed: seal(keyring, placeOf(at), JSON.stringify(secrets)) }
}

/** A stored provider with what is encrypted of it. Throws a SealError. */
export const wholeProvider = (keyring: Keyring, row: ProviderTable): ProviderDefinition =>
  whole(keyring, providerAt(row), providerOf(row), row.sealed)

/** The same for the one that a wait remembers. */
export const wholeProviderOfWait = (
  keyring: Keyring,
  row: Pick<CallbackTable, 'key' | 'context' | 'provider_json' | 'sealed'>,
): ProviderDefinition => whole(keyring, callbackAt(row), providerOf({ definition_json: row.provider_json }), row.sealed)

/** For those who look: masks where the key is not at hand. */
export function providerOrMasks(keyring: Keyring, row: ProviderTable): ProviderDefinition {
  try {
    return wholeProvider(keyring, row)
  } catch (error) {
    if (error instanceof SealError) return providerOf(row)
    throw error
  }
}

function whole(keyring: Keyring, at: At, stored: ProviderDefinition, sealed: string | null): ProviderDefinition {
  if (sealed === null) return stored
  const { submit, poll, secret } = JSON.parse(unseal(keyring, placeOf(at), sealed)) as Secrets
  return {
    ...stored,
    submit: { ...stored.submit, headers: submit },
    poll: stored.poll && { ...stored.poll, headers: poll ?? {} },
    secret,
  }
}

const masking = (template: RequestTemplate): RequestTemplate => ({
  ...template,
  headers: Object.fromEntries(Object.keys(template.headers).map((name) => [name, MASK])),
})

import type { ConnectionTable } from '#db/schema.ts'
import type { Place } from './seal.ts'

export const PROVIDER_KINDS = [
  'openai',
  'anthropic',
  'google',
  'openai_compatible',
  'http',
  'google_workspace',
  'smtp',
  'custom',
] as const
export type ProviderKind = (typeof PROVIDER_KINDS)[number]

/** How the secret is shown to the other side. */
export type Auth =
  | { type: 'bearer' }
  | { type: 'basic'; user: string }
  | { type: 'header'; name: string }
  | { type: 'query'; name: string }

/** What of a connection is no secret. */
export interface ConnectionSettings {
  /** The secret goes to this scheme, host and port, and nowhere else. `smtps://` or `smtp://` for mail. */
  baseUrl: string
  auth: Auth
  /** Below the address; what a test asks for. Null where the provider is known, or the address itself is asked. */
  testPath: string | null
}

/** Where the connections of the operator belong; every context may use them. */
export const INSTANCE = 'instance'

interface Kind {
  /** Undefined where everybody has another. */
  baseUrl?: string
  auth: Auth
  /** Whoever connects may say how the secret is shown. */
  isOpen: boolean
}

export const KINDS: Record<ProviderKind, Kind> = {
  openai: { baseUrl: 'https://api.openai.com/v1', auth: { type: 'bearer' }, isOpen: false },
  anthropic: { baseUrl: 'https://api.anthropic.com/v1', auth: { type: 'header', name: 'x-api-key' }, isOpen: false },
  google: {
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
    auth: { type: 'header', name: 'x-goog-api-key' },
    isOpen: false,
  },
  openai_compatible: { auth: { type: 'bearer' }, isOpen: true },
  http: { auth: { type: 'bearer' }, isOpen: true },
  google_workspace: { baseUrl: 'https://www.googleapis.com', auth: { type: 'bearer' }, isOpen: false },
  smtp: { auth: { type: 'basic', user: '' }, isOpen: true },
  custom: { auth: { type: 'bearer' }, isOpen: true },
}

export const settingsOf = (row: Pick<ConnectionTable, 'settings_json'>): ConnectionSettings =>
  JSON.parse(row.settings_json) as ConnectionSettings

/** Where the secret of a connection is bound to. */
export const placeOf = (row: Pick<ConnectionTable, 'id' | 'context' | 'version'>): Place => ({
  table: 'connection',
  owner: row.context,
  id: row.id,
  field: 'secret',
  version: row.version,
})

/** Scheme, host and port. `URL.origin` knows no mail servers. */
export function originOf(url: string): string | undefined {
  const parsed = URL.parse(url)
  return parsed ? `${parsed.protocol}//${parsed.host}` : undefined
}

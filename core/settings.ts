import { type Keyring, keyringOf, masterKey } from './connections/keyring.ts'
import type { EnvironmentConnection } from './models/connections.ts'

/** What the operator decided, as far as the core cares. Made once at start from the environment, never changed. */
export interface Settings {
  publicUrl: string
  /** Whether strangers become accounts by themselves. */
  access: 'open' | 'invite'
  welcomeCreditMicros: bigint
  /** Above this a run is confirmed first, where the person or team has not said otherwise. */
  confirmAboveMicros: bigint
  /** What tokens and secrets are made from that are not stored. The same on every machine of an instance, for good. */
  authSecret: string
  /** What stored secrets are encrypted with. The same on every machine of an instance. */
  keyring: Keyring
  /** `host[:port]` of private hosts that outbound calls may reach. */
  outboundAllow: readonly string[]
  /** Connections to models that stand in the environment and not in the database. */
  modelConnections: readonly EnvironmentConnection[]
  /** The operator has named a mail server. */
  hasMail: boolean
  /** For tests that script the mock: it is asked what plain words mean, as a model would be. */
  isMockAskedForWords: boolean
}

/** For tests and benchmarks; the server has its own. */
export const DEFAULT_SETTINGS: Settings = {
  publicUrl: 'http://127.0.0.1:3000',
  access: 'invite',
  welcomeCreditMicros: 1_000_000n,
  confirmAboveMicros: 500_000n,
  authSecret: 'known to everybody, good for nothing but tests',
  keyring: keyringOf([masterKey(Buffer.alloc(32, 'known to everybody'))]),
  outboundAllow: [],
  modelConnections: [],
  hasMail: false,
  isMockAskedForWords: false,
}

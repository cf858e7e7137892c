import type { TestErrorCode } from './classify.ts'
import type { ConnectionSettings } from './connection.ts'

/** What came of a test. */
export type TestResult =
  | { ok: true; provider: string; version: string | null; latencyMs: number }
  | { ok: false; provider: string; error: { code: TestErrorCode; message: string }; latencyMs: number }

/** A connection as people and programs see it: never with its secret. */
export interface ConnectionView extends ConnectionSettings {
  id: string
  name: string
  provider: string
  owner: { type: 'user' | 'team'; id: string } | { type: 'instance'; id: null }
  /** `environment`: the operator gave it to the program, and nobody changes it here. */
  origin: 'stored' | 'environment'
  /** The secret's last four characters, for those who may change it; null for everybody else, and of short ones. */
  hint: string | null
  /** Counts the secrets it has had. */
  version: number
  /** False when the key that it was encrypted with is not at hand: then the secret has to be entered again. */
  isReadable: boolean
  lastTest: (TestResult & { at: string }) | null
  /** Null of one from the environment. */
  createdBy: string | null
  createdAt: string | null
  rotatedAt: string | null
  /** The reader may rotate and delete it. */
  mayChange: boolean
  mayTest: boolean
}

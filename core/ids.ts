import { hash, randomBytes, randomUUIDv7 } from 'node:crypto'

/** Where ids and everything random come from, so that a test can bring its own. */
export interface Ids {
  /** `run_0199…`: a UUIDv7 behind its kind. Sorts by time to the millisecond; never a secret. */
  newId(prefix: IdPrefix): string
  /** 22 characters of `A-Za-z0-9_-`, 128 random bits: codes, button tokens, claims. */
  newSecret(): string
  /** From 0 up to, not including, 1: for jitter only. */
  random(): number
}

export type IdPrefix =
  | 'acc'
  | 'act'
  | 'agent'
  | 'art'
  | 'breq'
  | 'conn'
  | 'bdg'
  | 'cyc'
  | 'dlv'
  | 'end'
  | 'fire'
  | 'form'
  | 'hint'
  | 'inv'
  | 'job'
  | 'key'
  | 'lse'
  | 'mem'
  | 'mcall'
  | 'msg'
  | 'ntf'
  | 'prov'
  | 'raise'
  | 'rev'
  | 'rule'
  | 'run'
  | 'say'
  | 'sch'
  | 'ses'
  | 'task'
  | 'team'
  | 'tr'
  | 'trg'
  | 'tsec'

const SECRET_BYTES = 16

export const systemIds: Ids = {
  newId: (prefix) => `${prefix}_${randomUUIDv7()}`,
  newSecret: () => randomBytes(SECRET_BYTES).toString('base64url'),
  random: () => Math.random(),
}

/**
 * Random bytes for keys and nonces. Not part of `Ids`: a test that brings its own ids must not make encryption predictable,
 * and a nonce that comes twice gives away what it was to hide.
 */
export const keyBytes = (count: number): Buffer => randomBytes(count)

/** What is stored of a secret with at least 112 random bits; a slow hash would add nothing. */
export const hashSecret = (secret: string): string => hash('sha256', secret, 'base64url')

export const sha256 = (bytes: string | Uint8Array): string => hash('sha256', bytes, 'hex')

import type { Reader } from '#db/db.ts'
import type { SignatureScheme, TriggerSecretTable } from '#db/schema.ts'
import { listTriggerSecrets } from '#db/triggers.ts'
import { type Place, SealError, seal, unseal } from '../connections/seal.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { keyBytes } from '../ids.ts'

const SECRET_CHARACTERS = { min: 16, max: 500 }
const STANDARD_BYTES = { min: 24, max: 64 }
const NEW_BYTES = 32
const HINT_CHARACTERS = 4

/** One that nobody can guess, in the form that its senders know. */
export function newTriggerSecret(scheme: SignatureScheme): string {
  const bytes = keyBytes(NEW_BYTES)
  if (scheme === 'standard_webhooks') return `whsec_${bytes.toString('base64')}`
  return scheme === 'stripe' ? `whsec_${bytes.toString('base64url')}` : bytes.toString('base64url')
}

/** A secret that the other side has made. Never says what it is. */
export function checkTriggerSecret(scheme: SignatureScheme, secret: string): void {
  const { min, max } = SECRET_CHARACTERS
  if (secret.length < min || secret.length > max || !/^[\x21-\x7e]+$/.test(secret)) {
    throw wrong(`must be ${min} to ${max} visible ASCII characters without blanks`)
  }
  if (scheme !== 'standard_webhooks') return
  const text = secret.replace(/^whsec_/, '')
  const size = /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64').length : 0
  if (size < STANDARD_BYTES.min || size > STANDARD_BYTES.max) {
    throw wrong(`must be whsec_ and ${STANDARD_BYTES.min} to ${STANDARD_BYTES.max} bytes in base64`)
  }
}

const wrong = (message: string): AppError =>
  new AppError('bad_input', `The secret ${message}.`, { problems: [{ path: 'secret', message }] })

export const hintOf = (secret: string): string => secret.slice(-HINT_CHARACTERS)

const placeOf = ({ id, context, version }: Pick<TriggerSecretTable, 'id' | 'context' | 'version'>): Place => ({
  table: 'trigger_secret',
  owner: context,
  id,
  field: 'secret',
  version,
})

/** The secret as a row of its own, encrypted. */
export function sealedSecret(
  { ids, settings }: Pick<Core, 'ids' | 'settings'>,
  trigger: { id: string; context: string; version: number },
  secret: string,
): Omit<TriggerSecretTable, 'valid_until_ms'> {
  const row = { id: ids.newId('tsec'), trigger_id: trigger.id, context: trigger.context, version: trigger.version }
  return { ...row, sealed: seal(settings.keyring, placeOf(row), secret) }
}

/** Those that count at this moment, the newest first. One that cannot be read with the keys at hand is none. */
export async function secretsOf(
  on: Reader,
  { settings }: Pick<Core, 'settings'>,
  triggerId: string,
  nowMs: number,
): Promise<{ version: number; secret: string }[]> {
  const rows = await listTriggerSecrets.all(on, { triggerId })
  return rows
    .filter(({ valid_until_ms }) => valid_until_ms === null || valid_until_ms > nowMs)
    .flatMap((row) => {
      const secret = opened(settings, row)
      return secret === undefined ? [] : [{ version: row.version, secret }]
    })
}

function opened({ keyring }: Core['settings'], row: TriggerSecretTable): string | undefined {
  try {
    return unseal(keyring, placeOf(row), row.sealed)
  } catch (error) {
    if (error instanceof SealError) return undefined
    throw error
  }
}

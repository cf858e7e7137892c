import assert from 'node:assert/strict'
import { findSecretCode, insertSecretCode, spendSecretCode } from '#db/credentials.ts'
import type { Reader, Tx } from '#db/db.ts'
import { AppError } from '../errors.ts'
import { hashSecret, type Ids, sha256 } from '../ids.ts'
import type { JsonObject } from '../json.ts'

/** What a one-time code is for; one of another kind does not count. */
export type CodeKind =
  | 'claim'
  | 'console'
  | 'email_verify'
  | 'link'
  | 'link_confirm'
  | 'mail_sign_in'
  | 'openid'
  | 'password_reset'
  | 'schedule'

/** About 126 random bits. Typed after a command, where a leading dash would be read as a flag or turned by a phone. */
export const newCode = (ids: Ids): string => ids.newSecret().replace(/^[-_]+/, 'x')

/** Characters that are not mistaken for each other, spoken or in any typeface. */
const CLEAR = '23456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Eight characters for people to type from one screen to another: 39 bits, so only with few tries and little time. */
export const newShortCode = (ids: Ids): string => randomText(ids, CLEAR, 8)

/** `k7qm-2xzp` and `K7QM 2XZP` are one code. */
export const plainShortCode = (typed: string): string => typed.toUpperCase().replaceAll(/[^0-9A-Z]/g, '')

/** Evenly chosen characters of an alphabet; up to 200 bits of them. */
export function randomText(ids: Ids, alphabet: string, length: number): string {
  const base = BigInt(alphabet.length)
  let rest = BigInt(`0x${sha256(ids.newSecret() + ids.newSecret())}`)
  let text = ''
  for (let index = 0; index < length; index++) {
    text += alphabet[Number(rest % base)]
    rest /= base
  }
  return text
}

export interface NewCode {
  kind: CodeKind
  code: string
  accountId?: string
  payload?: JsonObject
  lifetimeMs: number
  nowMs: number
}

/** Stores the code's hash; the code itself is known to whoever holds it. */
export async function storeCode(tx: Tx, { kind, code, accountId, payload, lifetimeMs, nowMs }: NewCode): Promise<void> {
  const inserted = await insertSecretCode.run(tx, {
    hash: hashSecret(code),
    kind,
    accountId: accountId ?? null,
    payloadJson: JSON.stringify(payload ?? {}),
    nowMs,
    expiresAtMs: nowMs + lifetimeMs,
  })
  assert(inserted === 1, 'Two random codes are the same')
}

export interface Code {
  kind: CodeKind
  accountId: string | null
  payload: JsonObject
  expiresAtMs: number
  isUsed: boolean
}

export async function findCode(on: Reader, kind: CodeKind, code: string): Promise<Code | undefined> {
  const row = await findSecretCode.first(on, { kind, hash: hashSecret(code) })
  return (
    row && {
      kind,
      accountId: row.account_id,
      payload: JSON.parse(row.payload_json) as JsonObject,
      expiresAtMs: row.expires_at_ms,
      isUsed: row.used_at_ms !== null,
    }
  )
}

/** Uses a code up; true for one caller only. `payload` replaces what was stored with it. */
export async function spendCode(
  tx: Tx,
  { kind, code, payload, nowMs }: { kind: CodeKind; code: string; payload: JsonObject; nowMs: number },
): Promise<boolean> {
  const used = await spendSecretCode.run(tx, {
    kind,
    hash: hashSecret(code),
    payloadJson: JSON.stringify(payload),
    nowMs,
  })
  return used === 1
}

/** Why a code does not work (any more), in a sentence. `what` is how people call it: `code`, `link`. */
export function refusedCode(code: Code | undefined, what: string, nowMs: number): AppError {
  if (!code) return new AppError('not_found', `This ${what} is not known here. Check it, or ask for a new one.`)
  if (code.isUsed) return new AppError('conflict', `This ${what} was used already. Ask for a new one.`)
  assert(code.expiresAtMs <= nowMs, 'A code that works was refused')
  return new AppError('expired', `This ${what} has expired. Ask for a new one.`)
}

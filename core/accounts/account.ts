import { findAccount, findAccountByHandle } from '#db/accounts.ts'
import type { Reader } from '#db/db.ts'
import type { AccountTable } from '#db/schema.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import type { Ids } from '../ids.ts'
import type { Settings } from '../settings.ts'

/** One person. */
export interface Account {
  id: string
  handle: string
  displayName: string
  platformRole: 'user' | 'admin'
  /** An IANA name. */
  timeZone: string
  /** Of this person over all contexts; null is no cap. */
  monthlyCapMicros: bigint | null
  /** Above this a personal run is confirmed first; null is the instance's default. */
  confirmAboveMicros: bigint | null
  createdAtMs: number
  /** Nobody can act as it. */
  isDisabled: boolean
}

export const accountOf = (row: AccountTable): Account => ({
  id: row.id,
  handle: row.handle,
  displayName: row.display_name,
  platformRole: row.platform_role,
  timeZone: row.time_zone,
  monthlyCapMicros: row.monthly_cap_micros,
  confirmAboveMicros: row.confirm_above_micros,
  createdAtMs: row.created_at_ms,
  isDisabled: row.disabled_at_ms !== null,
})

export async function accountById(on: Reader, id: string): Promise<Account | undefined> {
  const row = await findAccount.first(on, { id })
  return row && accountOf(row)
}

/** `@Anna` is anna. */
export async function accountByHandle(on: Reader, handle: string): Promise<Account | undefined> {
  const row = await findAccountByHandle.first(on, { handle: plainHandle(handle) })
  return row && accountOf(row)
}

/** As people write it → as it is stored. */
export const plainHandle = (handle: string): string => handle.trim().replace(/^@/, '').toLowerCase()

export function refuseDisabled(account: Account): void {
  if (account.isDisabled) throw new AppError('forbidden', 'This account is closed.')
}

/** What steps that make things need beside the transaction: the time is taken once, before it begins. */
export interface Making {
  ids: Ids
  settings: Settings
  nowMs: number
}

export const makingOf = (core: Pick<Core, 'ids' | 'settings' | 'clock'>): Making => ({
  ids: core.ids,
  settings: core.settings,
  nowMs: core.clock.nowMs(),
})

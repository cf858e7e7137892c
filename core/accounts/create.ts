import assert from 'node:assert/strict'
import { findAccount, insertAccount } from '#db/accounts.ts'
import type { Tx } from '#db/db.ts'
import { contextKey, personal } from '../context.ts'
import type { Core } from '../core.ts'
import { moveMoney, openWallet } from '../economy/ledger.ts'
import { appendEvents } from '../events/append.ts'
import { formatUsd } from '../money.ts'
import { type Account, accountOf, type Making, makingOf } from './account.ts'
import { checkName, checkTimeZone, tidyName } from './fields.ts'
import { checkHandle, freeHandle, handleTaken } from './handles.ts'

export interface NewAccount {
  handle: string
  displayName: string
  platformRole: 'user' | 'admin'
  /** IANA name; UTC when not given. */
  timeZone?: string
  /** Who makes it, for the record: an account's id or `system`. The new account itself when not given. */
  by?: string
}

/** The transfer that gave an account its welcome credit. */
export const welcomeId = (accountId: string): string => `welcome_${accountId}`

/** An account with its wallet and its welcome credit. Refused when the handle is taken: `conflict` with a free one. */
export async function createAccount(tx: Tx, making: Making, wanted: NewAccount): Promise<Account> {
  const handle = checkHandle(wanted.handle)
  const account = await tryCreate(tx, making, { ...wanted, handle })
  if (!account) throw await handleTaken(tx, handle)
  return account
}

/** The same for somebody who did not choose a handle: it is made from the name. */
export async function createAccountNamed(
  tx: Tx,
  making: Making,
  { name, handle, platformRole }: { name: string; handle?: string; platformRole: 'user' | 'admin' },
): Promise<Account> {
  for (;;) {
    const free = await freeHandle(tx, handle ?? name)
    const account = await tryCreate(tx, making, { handle: free, displayName: tidyName(name) || free, platformRole })
    // Somebody may have taken the handle at the same moment: look again.
    if (account) return account
  }
}

async function tryCreate(tx: Tx, making: Making, wanted: NewAccount): Promise<Account | undefined> {
  const { ids, nowMs } = making
  const { handle, platformRole } = wanted
  const id = ids.newId('acc')
  const inserted = await insertAccount.run(tx, {
    id,
    handle,
    displayName: checkName(wanted.displayName, 'displayName'),
    platformRole,
    timeZone: checkTimeZone(wanted.timeZone ?? 'UTC'),
    nowMs,
  })
  if (inserted === 0) return undefined
  await openWallet(tx, personal(id), nowMs)
  await appendEvents(tx, nowMs, [
    {
      type: 'account.created',
      actor: wanted.by ?? id,
      context: contextKey(personal(id)),
      subject: id,
      details: { handle, platformRole, welcomeCreditUsd: formatUsd(making.settings.welcomeCreditMicros) },
    },
  ])
  await giveWelcomeCredit(tx, making, id)
  const row = await findAccount.first(tx, { id })
  assert(row)
  return accountOf(row)
}

async function giveWelcomeCredit(tx: Tx, { settings, nowMs }: Making, accountId: string): Promise<void> {
  if (settings.welcomeCreditMicros <= 0n) return
  await moveMoney(tx, {
    id: welcomeId(accountId),
    from: 'platform:grants',
    to: personal(accountId),
    amountMicros: settings.welcomeCreditMicros,
    kind: 'grant',
    actor: 'system',
    context: contextKey(personal(accountId)),
    reason: 'Welcome credit',
    nowMs,
  })
}

/** For the command line on the machine itself: whoever can run it may do everything. */
export async function createAccountByOperator(
  core: Pick<Core, 'db' | 'ids' | 'clock' | 'settings'>,
  { handle, displayName, admin }: { handle: string; displayName?: string; admin: boolean },
): Promise<Account> {
  const making = makingOf(core)
  return core.db.write(async function createAccountAsOperator(tx) {
    return createAccount(tx, making, {
      handle,
      displayName: displayName ?? checkHandle(handle),
      platformRole: admin ? 'admin' : 'user',
      by: 'system',
    })
  })
}

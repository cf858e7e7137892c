import assert from 'node:assert/strict'
import type { Tx } from '#db/db.ts'
import { deleteEmailClaim, findEmailClaim } from '#db/passwords.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { type Account, accountById, type Making, makingOf, refuseDisabled } from './account.ts'
import { closeUnused } from './close.ts'
import { type CodeKind, findCode, refusedCode, spendCode } from './codes.ts'
import { createAccountNamed } from './create.ts'
import { attachIdentity, findAccountByIdentity } from './identities.ts'
import { isUsed } from './join.ts'
import { hashPassword } from './password-hash.ts'
import { checkPassword } from './password-rules.ts'
import { storePassword } from './passwords.ts'
import { type Entry, endSessionsOf, openSession, type Session } from './sessions.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'settings' | 'queue'>
type SignedIn = Session & { account: Account }

/**
 * Signs in whoever got a link by mail, once. The address is theirs from now on, and nobody comes in by what somebody else
 * made with it before.
 */
export async function signInByMail(core: Needs, code: string, entry: Omit<Entry, 'by'>): Promise<SignedIn> {
  const making = makingOf(core)
  const { nowMs } = making
  return core.db.write(async function signInWithMail(tx) {
    const { address } = await spend(tx, 'mail_sign_in', code, nowMs)
    const account = await accountOfAddress(tx, making, address)
    refuseDisabled(account)
    return { ...(await openSession(tx, making, account.id, { ...entry, by: 'mail_link' })), account }
  })
}

async function accountOfAddress(tx: Tx, making: Making, address: string): Promise<Account> {
  const { nowMs } = making
  const owner = await findAccountByIdentity(tx, 'email', address)
  if (owner) return owner
  const wasClaimed = await closeClaimant(tx, address, nowMs)
  if (!wasClaimed && making.settings.access !== 'open') {
    throw new AppError(
      'forbidden',
      'This address belongs to no account here. Sign in another way, or ask for an invitation.',
    )
  }
  const [name = address] = address.split('@')
  const account = await createAccountNamed(tx, making, { name, platformRole: 'user' })
  await attachIdentity(tx, account.id, { channel: 'email', externalId: address, name: address }, nowMs)
  return account
}

/**
 * Somebody put the address down when they registered, and never showed that it is theirs. What they made is closed, with all that
 * opens it: password, sessions, keys. An account that has been worked with belongs to who did, and only loses the address.
 */
async function closeClaimant(tx: Tx, address: string, nowMs: number): Promise<boolean> {
  const claim = await findEmailClaim.first(tx, { address })
  const claimant = claim && (await accountById(tx, claim.account_id))
  await deleteEmailClaim.run(tx, { address })
  if (!claimant || claimant.isDisabled) return false
  if (await isUsed(tx, claimant, { channel: 'email', externalId: address }, nowMs)) return false
  await closeUnused(tx, claimant, { by: 'system', details: { address }, nowMs })
  return true
}

/** Chooses a new password with a link from a mail: all sessions end but the new one. */
export async function resetPassword(
  core: Needs,
  { code, password }: { code: string; password: string },
  entry: Omit<Entry, 'by'>,
): Promise<SignedIn> {
  const making = makingOf(core)
  const { nowMs } = making
  // Before the work of a hash is done for somebody who guesses.
  const found = await findCode(core.db, 'password_reset', code)
  if (!found || found.isUsed || found.expiresAtMs <= nowMs) throw refusedCode(found, 'link', nowMs)
  checkPassword(password, [String(found.payload.address)])
  const hash = await hashPassword(password)
  return core.db.write(async function resetWithMail(tx) {
    const { accountId } = await spend(tx, 'password_reset', code, nowMs)
    assert(accountId, 'A reset without its account')
    const account = await requireAccount(tx, accountId)
    await storePassword(core, tx, account, { hash, nowMs, by: accountId })
    await endSessionsOf(tx, { accountId, nowMs })
    return { ...(await openSession(tx, making, accountId, { ...entry, by: 'password_reset' })), account }
  })
}

/**
 * Makes an address an account's own. It takes both: the link, and being signed in to the account that asked. Somebody who
 * gets such a mail for an account that is not theirs cannot give their address away with a click.
 */
export async function verifyAddress(
  core: Pick<Core, 'db' | 'clock'>,
  { accountId, code }: { accountId: string; code: string },
): Promise<{ address: string }> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function verifyEmailAddress(tx) {
    const found = await findCode(tx, 'email_verify', code)
    if (found && found.accountId !== accountId) {
      throw new AppError('forbidden', 'This link is for another account. Sign in to that one, and open it again.')
    }
    const { address } = await spend(tx, 'email_verify', code, nowMs)
    const owner = await findAccountByIdentity(tx, 'email', address)
    if (owner?.id === accountId) return { address }
    await attachIdentity(tx, accountId, { channel: 'email', externalId: address, name: address }, nowMs)
    await deleteEmailClaim.run(tx, { address })
    return { address }
  })
}

async function spend(
  tx: Tx,
  kind: CodeKind,
  code: string,
  nowMs: number,
): Promise<{ address: string; accountId: string | null }> {
  const found = await findCode(tx, kind, code)
  const isUsed = found && (await spendCode(tx, { kind, code, payload: found.payload, nowMs }))
  if (!isUsed) throw refusedCode(await findCode(tx, kind, code), 'link', nowMs)
  return { address: String(found.payload.address), accountId: found.accountId }
}

async function requireAccount(tx: Tx, id: string): Promise<Account> {
  const account = await accountById(tx, id)
  assert(account, `No account ${id}`)
  refuseDisabled(account)
  return account
}

import assert from 'node:assert/strict'
import { findAnyAdmin, lockClaim, makeAdmin } from '#db/accounts.ts'
import { deleteCodesOfKind } from '#db/credentials.ts'
import type { Tx } from '#db/db.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { type Account, accountOf, type Making, makingOf, refuseDisabled } from './account.ts'
import { findCode, newCode, refusedCode, spendCode, storeCode } from './codes.ts'
import { createAccount, createAccountNamed } from './create.ts'
import { attachIdentity, findAccountByIdentity, type Identity } from './identities.ts'

const CLAIM_LIFETIME_MS = 24 * 60 * 60 * 1000

/**
 * While the instance has no admin: makes a new one-time code and ends the one before, so that what the last start
 * printed is what works. Undefined from then on.
 */
export async function ensureClaim(
  core: Pick<Core, 'db' | 'ids' | 'clock' | 'settings'>,
): Promise<{ code: string; url: string } | undefined> {
  if (await findAnyAdmin.first(core.db, {})) return undefined
  const nowMs = core.clock.nowMs()
  const code = newCode(core.ids)
  const isOpen = await core.db.write(async function replaceClaimCode(tx) {
    await lockClaim.run(tx, {})
    if (await findAnyAdmin.first(tx, {})) return false
    await deleteCodesOfKind.run(tx, { kind: 'claim' })
    await storeCode(tx, { kind: 'claim', code, lifetimeMs: CLAIM_LIFETIME_MS, nowMs })
    await appendEvents(tx, nowMs, [
      { type: 'instance.claim_offered', actor: 'system', context: null, subject: 'instance' },
    ])
    return true
  })
  return isOpen ? { code, url: `${core.settings.publicUrl}/claim?code=${code}` } : undefined
}

export interface Claim {
  code: string
  /** On the web it is taken as it stands; with an identity it is a wish, from which a free one is made. */
  handle?: string
  displayName: string
  /** Who sent the code, when it came through a chat. An account behind it becomes admin, else a new one is made. */
  identity?: Identity
}

/**
 * Makes whoever has the code the first admin. Works once: afterwards refused with `conflict`; `not_found` or `expired`
 * for a code that never or no longer works. The same chat identity sending the same code again gets the same answer.
 */
export async function claimInstance(
  core: Pick<Core, 'db' | 'ids' | 'clock' | 'settings'>,
  claim: Claim,
): Promise<Account> {
  const making = makingOf(core)
  const { nowMs } = making
  const { code, identity } = claim
  return core.db.write(async function claimWithCode(tx) {
    await lockClaim.run(tx, {})
    const found = await findCode(tx, 'claim', code)
    const known = identity && (await findAccountByIdentity(tx, identity.channel, identity.externalId))
    if (known && found?.payload.claimedBy === known.id) return known
    if (await findAnyAdmin.first(tx, {})) {
      throw new AppError('conflict', 'This instance has its admin already. Ask them for an invitation.')
    }
    if (!found || found.isUsed || found.expiresAtMs <= nowMs) throw refusedCode(found, 'code', nowMs)
    const admin = await firstAdmin(tx, making, claim, known)
    const isUsed = await spendCode(tx, { kind: 'claim', code, payload: { claimedBy: admin.id }, nowMs })
    assert(isUsed, 'The claim was used while it was locked')
    await appendEvents(tx, nowMs, [
      {
        type: 'instance.claimed',
        actor: admin.id,
        context: null,
        subject: 'instance',
        details: { handle: admin.handle },
      },
    ])
    return admin
  })
}

async function firstAdmin(tx: Tx, making: Making, claim: Claim, known: Account | undefined): Promise<Account> {
  const { handle, displayName, identity } = claim
  if (known) {
    refuseDisabled(known)
    const row = await makeAdmin.first(tx, { id: known.id })
    assert(row)
    return accountOf(row)
  }
  if (!identity) {
    return createAccount(tx, making, { handle: handle ?? displayName, displayName, platformRole: 'admin' })
  }
  const wish = { name: displayName, ...(handle === undefined ? {} : { handle }), platformRole: 'admin' as const }
  const account = await createAccountNamed(tx, making, wish)
  await attachIdentity(tx, account.id, identity, making.nowMs)
  return account
}

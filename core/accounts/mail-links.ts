import { deleteCodesOf } from '#db/credentials.ts'
import { findEmailClaim } from '#db/passwords.ts'
import type { Core } from '../core.ts'
import { appendEvents } from '../events/append.ts'
import type { Mail } from '../outbound/mail.ts'
import { newCode, storeCode } from './codes.ts'
import { findAccountByIdentity } from './identities.ts'
import { resetMail, signInMail, takenMail, verifyMail } from './mail-words.ts'
import { sessionEvent } from './sessions.ts'

const SIGN_IN_LIFETIME_MS = 10 * 60 * 1000
const RESET_LIFETIME_MS = 30 * 60 * 1000
const VERIFY_LIFETIME_MS = 24 * 60 * 60 * 1000

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'settings'>

/**
 * The mail with a link that signs in whoever reads the address, or undefined where nobody may come in by it. An earlier link
 * for the same account ends. The code is only in the mail: what is lost on the way is asked for again.
 */
export async function signInLinkFor(core: Needs, address: string): Promise<Mail | undefined> {
  const owner = await findAccountByIdentity(core.db, 'email', address)
  if (owner?.isDisabled) return undefined
  const accountId = owner?.id ?? (await findEmailClaim.first(core.db, { address }))?.account_id
  if (!accountId && core.settings.access !== 'open') return undefined
  const code = await newLink(core, { kind: 'mail_sign_in', address, accountId, lifetimeMs: SIGN_IN_LIFETIME_MS })
  return signInMail(address, `${core.settings.publicUrl}/sign-in?code=${code}`)
}

/** The mail with a link to a new password, for an address that is somebody's. */
export async function resetLinkFor(core: Needs, address: string): Promise<Mail | undefined> {
  const owner = await findAccountByIdentity(core.db, 'email', address)
  if (!owner || owner.isDisabled) return undefined
  const wanted = { kind: 'password_reset', address, accountId: owner.id, lifetimeMs: RESET_LIFETIME_MS } as const
  return resetMail(address, `${core.settings.publicUrl}/reset?code=${await newLink(core, wanted)}`)
}

/** The mail that asks whether an address belongs to an account. Where it is somebody else's, that one is told instead. */
export async function verifyLinkFor(
  core: Needs,
  { accountId, handle, address }: { accountId: string; handle: string; address: string },
): Promise<Mail | undefined> {
  const owner = await findAccountByIdentity(core.db, 'email', address)
  if (owner) return owner.id === accountId ? undefined : takenMail(address)
  const code = await newLink(core, { kind: 'email_verify', address, accountId, lifetimeMs: VERIFY_LIFETIME_MS })
  return verifyMail(address, { url: `${core.settings.publicUrl}/verify?code=${code}`, handle })
}

async function newLink(
  core: Needs,
  {
    kind,
    address,
    accountId,
    lifetimeMs,
  }: {
    kind: 'mail_sign_in' | 'password_reset' | 'email_verify'
    address: string
    accountId: string | undefined
    lifetimeMs: number
  },
): Promise<string> {
  const code = newCode(core.ids)
  const nowMs = core.clock.nowMs()
  await core.db.write(async function offerMailLink(tx) {
    if (accountId) await deleteCodesOf.run(tx, { kind, accountId })
    const whose = accountId ? { accountId } : {}
    await storeCode(tx, { kind, code, ...whose, payload: { address }, lifetimeMs, nowMs })
    if (accountId) await appendEvents(tx, nowMs, [{ ...sessionEvent(`${kind}.asked`, accountId, {}), actor: 'system' }])
  })
  return code
}

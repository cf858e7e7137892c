import { createHash, createHmac } from 'node:crypto'
import type { Tx } from '#db/db.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { acceptInvitationAs } from '../teams/accept.ts'
import { type Account, accountById, type Making, makingOf, refuseDisabled } from './account.ts'
import { findCode, newCode, refusedCode, spendCode, storeCode } from './codes.ts'
import { createAccountNamed } from './create.ts'
import { attachIdentity, findAccountByIdentity } from './identities.ts'
import { discover, exchange, type OpenIdClient, type Person } from './openid-provider.ts'
import { type Entry, openSession, type Session } from './sessions.ts'

const CHANNEL = 'google'
export const OPENID_LIFETIME_MS = 10 * 60 * 1000

/** What somebody wants who sets out for the provider. */
export interface Purpose {
  /** For whom it becomes another way in; they are signed in. */
  accountId?: string
  /** The invitation with which somebody new comes in. */
  invitation?: string
}

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'settings' | 'outbound'>

/** Where the browser goes, and the state that it must still have when it comes back: ten minutes, once. */
export async function beginOpenId(
  core: Needs,
  client: OpenIdClient,
  { accountId, invitation }: Purpose,
): Promise<{ url: string; state: string }> {
  const { authorizationEndpoint } = await discover(core, client)
  const state = newCode(core.ids)
  const nowMs = core.clock.nowMs()
  await core.db.write(async function beginSignIn(tx) {
    const payload = invitation === undefined ? {} : { invitation }
    const whose = accountId === undefined ? {} : { accountId }
    await storeCode(tx, { kind: 'openid', code: state, ...whose, payload, lifetimeMs: OPENID_LIFETIME_MS, nowMs })
  })
  const { verifier, nonce } = secretsOf(core, state)
  const url = new URL(authorizationEndpoint)
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: client.redirectUri,
    scope: 'openid email profile',
    state,
    nonce,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString()
  return { url: url.href, state }
}

/**
 * Signs in whoever the provider says it is. Who that is, is who issued it and their number there: never the e-mail address,
 * which may have belonged to somebody else before. Somebody new gets an account where access is open or they are invited.
 */
export async function finishOpenId(
  core: Needs,
  client: OpenIdClient,
  { state, code }: { state: string; code: string },
  entry: Omit<Entry, 'by'>,
): Promise<Session & { account: Account }> {
  const purpose = await spendState(core, state)
  const person = await exchange(core, client, { code, ...secretsOf(core, state) })
  const making = makingOf(core)
  return core.db.write(async function signInWithOpenId(tx) {
    const account = await accountFor(tx, making, person, purpose)
    refuseDisabled(account)
    return { ...(await openSession(tx, making, account.id, { ...entry, by: CHANNEL })), account }
  })
}

async function spendState(core: Needs, state: string): Promise<Purpose> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function spendOpenIdState(tx) {
    const found = await findCode(tx, 'openid', state)
    const isUsed = found && (await spendCode(tx, { kind: 'openid', code: state, payload: found.payload, nowMs }))
    if (!isUsed) throw refusedCode(await findCode(tx, 'openid', state), 'sign-in', nowMs)
    const { accountId, payload } = found
    return {
      ...(accountId === null ? {} : { accountId }),
      ...(typeof payload.invitation === 'string' ? { invitation: payload.invitation } : {}),
    }
  })
}

async function accountFor(
  tx: Tx,
  making: Making,
  { issuer, subject, name }: Person,
  { accountId, invitation }: Purpose,
): Promise<Account> {
  const { nowMs } = making
  const identity = { channel: CHANNEL, externalId: `${issuer} ${subject}`, name }
  const owner = await findAccountByIdentity(tx, identity.channel, identity.externalId)
  if (accountId !== undefined) {
    if (owner && owner.id !== accountId)
      throw new AppError('conflict', 'This Google account belongs to somebody else here.')
    if (!owner) await attachIdentity(tx, accountId, identity, nowMs)
    const account = await accountById(tx, accountId)
    if (!account) throw new AppError('unauthorized', 'This account does not exist any more.')
    return account
  }
  if (owner) return owner
  if (making.settings.access !== 'open' && invitation === undefined) {
    throw new AppError('forbidden', 'Here one comes in by invitation. Ask somebody who is in for one.')
  }
  const account = await createAccountNamed(tx, making, { name, platformRole: 'user' })
  await attachIdentity(tx, account.id, { ...identity, name: name || account.handle }, nowMs)
  if (invitation !== undefined) await acceptInvitationAs(tx, { accountId: account.id, code: invitation, nowMs })
  return account
}

/** What the provider is asked to repeat, and what proves that the same one asks again: made from the state, and stored nowhere. */
function secretsOf({ settings }: Pick<Core, 'settings'>, state: string): { verifier: string; nonce: string } {
  const made = (what: string): string =>
    createHmac('sha256', settings.authSecret).update(`openid ${what}\n${state}`).digest('base64url')
  return { verifier: made('verifier'), nonce: made('nonce') }
}

import { hkdfSync } from 'node:crypto'
import type { Core } from '../core.ts'

const LIFETIME_S = 15 * 60
/** No other kind of token of ours, and none of anybody else's, is taken for one of these. */
const TYPE = 'at+jwt'
const AUDIENCE = 'muster-api'
const ALGORITHM = 'HS256'

/** What a token carries: whose, and which session. What they may do is looked up with every request. */
export interface AccessClaims {
  accountId: string
  sessionId: string
}

export interface AccessToken {
  token: string
  expiresAtMs: number
}

type Needs = Pick<Core, 'settings' | 'clock'>

/** A token for a quarter of an hour. It works only as long as its session. */
export async function signAccessToken(core: Needs, { accountId, sessionId }: AccessClaims): Promise<AccessToken> {
  const { SignJWT } = await import('jose')
  const nowS = Math.floor(core.clock.nowMs() / 1000)
  const expiresS = nowS + LIFETIME_S
  const token = await new SignJWT({ sid: sessionId })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
    .setIssuer(core.settings.publicUrl)
    .setAudience(AUDIENCE)
    .setSubject(accountId)
    .setIssuedAt(nowS)
    .setExpirationTime(expiresS)
    .sign(keyOf(core.settings.authSecret))
  return { token, expiresAtMs: expiresS * 1000 }
}

/** What a token says, or undefined when it is not exactly one of ours, or over. */
export async function readAccessToken(core: Needs, token: string): Promise<AccessClaims | undefined> {
  if (!isCanonical(token)) return undefined
  const { errors, jwtVerify } = await import('jose')
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keyOf(core.settings.authSecret), {
      algorithms: [ALGORITHM],
      typ: TYPE,
      issuer: core.settings.publicUrl,
      audience: AUDIENCE,
      requiredClaims: ['sub', 'sid', 'iat', 'exp'],
      currentDate: new Date(core.clock.nowMs()),
      clockTolerance: 0,
    })
    const { sub, sid } = payload
    // Nothing of ours names a key or a place to fetch one from.
    if (Object.keys(protectedHeader).length !== 2 || typeof sub !== 'string' || typeof sid !== 'string')
      return undefined
    return { accountId: sub, sessionId: sid }
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined
    throw error
  }
}

/** Three parts, each written as only we would write it: base64url leaves bits over in which others could be written. */
function isCanonical(token: string): boolean {
  const parts = token.split('.')
  return parts.length === 3 && parts.every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)
}

let made: { secret: string; key: Uint8Array } | undefined

/** The instance's secret is for other things too: each has a key of its own. */
function keyOf(secret: string): Uint8Array {
  if (made?.secret !== secret) {
    made = { secret, key: new Uint8Array(hkdfSync('sha256', secret, '', 'muster access tokens', 32)) }
  }
  return made.key
}

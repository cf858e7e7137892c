import { createHash } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { serve } from '#tests/core/outbound/listener.ts'

/** Somebody who signs in at the provider. */
export interface Guest {
  sub: string
  name?: string
  email?: string
}

/** What goes wrong in what it signs next. */
export type Twist =
  | 'issuer'
  | 'audience'
  | 'nonce'
  | 'expired'
  | 'other key'
  | 'none'
  | 'shared key'
  | 'no subject'
  | undefined

export interface OpenIdPeer {
  url: string
  host: string
  clientId: string
  clientSecret: string
  /** Does what the browser does at the provider: gives where it is sent back to. */
  consent(authorizationUrl: string, guest: Guest): string
  /** Who sits at the browsers that come to its pages. */
  guest: Guest
  twist(next: Twist): void
  close(): Promise<void>
}

/** An OpenID provider on loopback that checks what it is asked as strictly as Google does. */
export async function openOpenIdPeer(): Promise<OpenIdPeer> {
  const clientId = 'client-of-the-tests'
  const clientSecret = 'secret-of-the-tests'
  const [keys, others] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')])
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }
  const codes = new Map<string, { guest: Guest; nonce: string; challenge: string; redirectUri: string }>()
  let twisted: Twist
  let issued = 0

  const server = await serve(async (request, response) => {
    const answer = (status: number, body: object): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (request.url === '/.well-known/openid-configuration') {
      return answer(200, {
        issuer: server.url,
        authorization_endpoint: `${server.url}/authorize`,
        token_endpoint: `${server.url}/token`,
        jwks_uri: `${server.url}/keys`,
      })
    }
    if (request.url?.startsWith('/authorize?')) {
      return void response.writeHead(302, { location: peer.consent(`${server.url}${request.url}`, peer.guest) }).end()
    }
    if (request.url === '/keys') return answer(200, { keys: [jwk] })
    if (request.url !== '/token' || request.method !== 'POST') return answer(404, {})
    let sent = ''
    for await (const piece of request) sent += piece
    const form = new URLSearchParams(sent)
    const code = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    const verifier = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    const isRight =
      code &&
      form.get('grant_type') === 'authorization_code' &&
      form.get('client_id') === clientId &&
      form.get('client_secret') === clientSecret &&
      form.get('redirect_uri') === code.redirectUri &&
      verifier === code.challenge
    if (!isRight) return answer(400, { error: 'invalid_grant' })
    answer(200, { access_token: 'x', token_type: 'Bearer', id_token: await sign(code.guest, code.nonce) })
  })

  async function sign({ sub, ...guest }: Guest, nonce: string): Promise<string> {
    const twist = twisted
    twisted = undefined
    const nowS = Math.floor(Date.now() / 1000)
    const token = new SignJWT({ ...guest, email_verified: true, nonce: twist === 'nonce' ? 'another' : nonce })
      .setIssuer(twist === 'issuer' ? 'https://evil.test' : server.url)
      .setAudience(twist === 'audience' ? 'somebody-else' : clientId)
      .setIssuedAt(nowS - (twist === 'expired' ? 7_200 : 0))
      .setExpirationTime(nowS + (twist === 'expired' ? -3_600 : 300))
    if (twist !== 'no subject') token.setSubject(sub)
    if (twist === 'shared key') {
      return token.setProtectedHeader({ alg: 'HS256', kid: 'one' }).sign(new TextEncoder().encode(JSON.stringify(jwk)))
    }
    const signed = await token
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .sign(twist === 'other key' ? others.privateKey : keys.privateKey)
    if (twist !== 'none') return signed
    const [, payload] = signed.split('.')
    return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`
  }

  const peer: OpenIdPeer = {
    url: server.url,
    guest: { sub: '1' },
    host: server.host,
    clientId,
    clientSecret,
    consent(authorizationUrl, guest) {
      const asked = new URL(authorizationUrl).searchParams
      const redirectUri = asked.get('redirect_uri') ?? ''
      const isRight =
        asked.get('client_id') === clientId &&
        asked.get('response_type') === 'code' &&
        asked.get('code_challenge_method') === 'S256' &&
        /\bopenid\b/.test(asked.get('scope') ?? '')
      if (!isRight) throw new Error('The provider shows an error and sends nobody back')
      const code = `code-${++issued}`
      const [nonce, challenge] = [asked.get('nonce') ?? '', asked.get('code_challenge') ?? '']
      codes.set(code, { guest, nonce, challenge, redirectUri })
      return `${redirectUri}?${new URLSearchParams({ code, state: asked.get('state') ?? '' })}`
    },
    twist(next) {
      twisted = next
    },
    close: server.close,
  }
  return peer
}

import type { JSONWebKeySet } from 'jose'
import { z } from 'zod'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { OutboundError } from '../outbound/outbound.ts'

/** We, as the provider knows us. */
export interface OpenIdClient {
  /** `https://accounts.google.com`: what it calls itself in what it signs. */
  issuer: string
  clientId: string
  clientSecret: string
  redirectUri: string
}

/** Somebody, as the provider knows them. */
export interface Person {
  issuer: string
  /** Their number there: never given to anybody else. */
  subject: string
  name: string
}

const TIMEOUT_MS = 10_000
const ANSWER_BYTES_MOST = 256 * 1024
const KEPT_MS = 3_600_000
/** Signed with a key of the provider's; one that we share, or none at all, is not taken. */
const ALGORITHMS = ['RS256', 'ES256']

const discovery = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  jwks_uri: z.url(),
})
const tokens = z.object({ id_token: z.string() })
const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) })
const claims = z.object({
  sub: z.string().min(1).max(255),
  nonce: z.string(),
  name: z.string().max(500).optional(),
  azp: z.string().optional(),
})

interface Provider {
  authorizationEndpoint: string
  tokenEndpoint: string
  keysUrl: string
}

type Needs = Pick<Core, 'outbound' | 'clock'>

const known = new Map<string, { provider: Provider; untilMs: number }>()

/** Where the provider does what, as it says itself; kept for an hour. */
export async function discover(core: Needs, { issuer }: Pick<OpenIdClient, 'issuer'>): Promise<Provider> {
  const kept = known.get(issuer)
  if (kept && kept.untilMs > core.clock.nowMs()) return kept.provider
  const found = await ask(core, discovery, { method: 'GET', url: `${issuer}/.well-known/openid-configuration` })
  if (found.issuer !== issuer) throw unusable()
  const provider = {
    authorizationEndpoint: found.authorization_endpoint,
    tokenEndpoint: found.token_endpoint,
    keysUrl: found.jwks_uri,
  }
  known.set(issuer, { provider, untilMs: core.clock.nowMs() + KEPT_MS })
  return provider
}

/** Gives the code back to the provider, and says who it is for. Everything about the answer is checked. */
export async function exchange(
  core: Needs,
  client: OpenIdClient,
  { code, verifier, nonce }: { code: string; verifier: string; nonce: string },
): Promise<Person> {
  const { tokenEndpoint, keysUrl } = await discover(core, client)
  const { id_token } = await ask(core, tokens, {
    method: 'POST',
    url: tokenEndpoint,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: client.redirectUri,
      client_id: client.clientId,
      client_secret: client.clientSecret,
      code_verifier: verifier,
    }).toString(),
  })
  const keys = await ask(core, keySet, { method: 'GET', url: keysUrl })
  const said = await verified(core, client, id_token, keys as JSONWebKeySet)
  // Of several audiences, and of another sign-in of ours: not for this one.
  if (said.nonce !== nonce || (said.azp !== undefined && said.azp !== client.clientId)) throw unusable()
  return { issuer: client.issuer, subject: said.sub, name: said.name ?? '' }
}

async function verified(core: Needs, client: OpenIdClient, idToken: string, keys: JSONWebKeySet) {
  const { createLocalJWKSet, errors, jwtVerify } = await import('jose')
  try {
    const { payload } = await jwtVerify(idToken, createLocalJWKSet(keys), {
      algorithms: ALGORITHMS,
      // Google has signed with and without the scheme.
      issuer: [client.issuer, client.issuer.replace('https://', '')],
      audience: client.clientId,
      requiredClaims: ['exp', 'iat', 'sub', 'nonce'],
      currentDate: new Date(core.clock.nowMs()),
      clockTolerance: 30,
    })
    const parsed = claims.safeParse(payload)
    if (parsed.success) return parsed.data
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error
  }
  throw unusable()
}

async function ask<T extends z.ZodType>(
  { outbound }: Pick<Core, 'outbound'>,
  schema: T,
  request: { method: string; url: string; headers?: Record<string, string>; body?: string },
): Promise<z.infer<T>> {
  const { status, body, isCut } = await outbound
    .request({ ...request, timeoutMs: TIMEOUT_MS, maxResponseBytes: ANSWER_BYTES_MOST })
    .catch((error) => {
      if (error instanceof OutboundError)
        throw new AppError('busy', 'Google cannot be reached right now. Try again soon.')
      throw error
    })
  if (status !== 200 || isCut) throw unusable()
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(body)))
  } catch {
    throw unusable()
  }
}

const unusable = (): AppError => new AppError('unauthorized', 'The sign-in with Google did not work. Begin again.')

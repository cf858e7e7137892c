import { type Outbound, OutboundError, type OutboundRequest } from '../outbound/outbound.ts'
import { type ConnectionSettings, originOf } from './connection.ts'
import { scrubberFor } from './scrub.ts'

/** A secret for as long as a request takes. */
export interface Credential {
  name: string
  settings: ConnectionSettings
  secret: string
}

type Way = Pick<Outbound, 'request'>

/**
 * The way out for requests with secrets in them. A credential is put into each at the last moment, goes to its own address
 * and nowhere else, and whatever comes back has lost it and the other `secrets` before anybody looks at it.
 */
export function guardingSecrets(
  way: Way,
  { credential, secrets }: { credential?: Credential | undefined; secrets: readonly string[] },
): Way {
  const scrub = scrubberFor([...secrets, ...(credential ? formsSent(credential) : [])])
  return {
    async request(request) {
      try {
        const answer = await way.request(credential ? withCredential(request, credential) : request)
        const headers = Object.entries(answer.headers).map(([name, value]) => [name, scrub.text(value)])
        return {
          ...answer,
          headers: Object.fromEntries(headers),
          body: scrub.bytes(answer.body, answer.isCut),
        }
      } catch (error) {
        if (!(error instanceof OutboundError) || scrub.text(error.message) === error.message) throw error
        throw new OutboundError(error.kind, scrub.text(error.message))
      }
    },
  }
}

/** The secret, and what goes over the wire in place of it. */
export function formsSent({ secret, settings: { auth } }: Credential): string[] {
  return auth.type === 'basic' ? [secret, basic(auth.user, secret)] : [secret]
}

const basic = (user: string, secret: string): string => Buffer.from(`${user}:${secret}`).toString('base64')

function withCredential(request: OutboundRequest, { name, settings, secret }: Credential): OutboundRequest {
  const { auth, baseUrl } = settings
  if (originOf(request.url) !== originOf(baseUrl)) {
    throw new OutboundError('refused', `The connection ${name} is for ${originOf(baseUrl)} and is sent nowhere else.`)
  }
  if (auth.type === 'query') {
    const url = new URL(request.url)
    url.searchParams.set(auth.name, secret)
    return { ...request, url: url.href }
  }
  const header = auth.type === 'header' ? auth.name : 'Authorization'
  const value =
    auth.type === 'header' ? secret : auth.type === 'basic' ? `Basic ${basic(auth.user, secret)}` : `Bearer ${secret}`
  const others = Object.entries(request.headers ?? {}).filter(([one]) => one.toLowerCase() !== header.toLowerCase())
  return { ...request, headers: { ...Object.fromEntries(others), [header]: value } }
}

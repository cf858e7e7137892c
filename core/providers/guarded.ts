import { type Credential, formsSent, guardingSecrets } from '../connections/credential.ts'
import { type Scrubber, scrubberFor } from '../connections/scrub.ts'
import { secretsIn } from '../endpoints/masked.ts'
import type { Outbound } from '../outbound/outbound.ts'
import type { ProviderDefinition } from './provider.ts'

type Way = Pick<Outbound, 'request'>

/** The way to a provider: its credential goes along, and what it answers has none of its secrets in it. */
export const guardedWay = (way: Way, provider: ProviderDefinition, credential: Credential | undefined): Way =>
  guardingSecrets(way, { credential, secrets: secretsOf(provider) })

/** For what a provider says by itself. */
export const scrubberOf = (provider: ProviderDefinition, credential: Credential | undefined): Scrubber =>
  scrubberFor([...secretsOf(provider), ...(credential ? formsSent(credential) : [])])

const secretsOf = ({ submit, poll, secret }: ProviderDefinition): string[] => [
  ...secretsIn({ ...poll?.headers, ...submit.headers }),
  ...secretsIn(poll?.headers ?? {}),
  ...(secret === null ? [] : [secret]),
]

import type { ContextKey } from '../context.ts'
import type { Core } from '../core.ts'
import type { Outbound } from '../outbound/outbound.ts'
import { signatureHeaders } from '../outbound/sign.ts'
import { signingSecrets } from './secrets.ts'

/**
 * The way out for requests that a context makes: each is signed in its name. `id` is the same for every try of one
 * request, so that a receiver can tell a repetition.
 */
export async function signed(
  core: Pick<Core, 'db' | 'clock' | 'settings' | 'outbound'>,
  context: ContextKey,
  id: string,
): Promise<Pick<Outbound, 'request'>> {
  const secrets = await signingSecrets(core, core.db, context)
  return {
    request: (request) => {
      const signature = signatureHeaders(secrets, { id, nowMs: core.clock.nowMs(), body: request.body ?? '' })
      return core.outbound.request({ ...request, headers: { ...request.headers, ...signature } })
    },
  }
}

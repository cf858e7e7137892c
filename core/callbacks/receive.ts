import { findCallbackByToken } from '#db/callbacks.ts'
import type { Core } from '../core.ts'
import { AppError, notFound } from '../errors.ts'
import { hashSecret, sha256 } from '../ids.ts'
import { canonicalJson, isShallow, type Json } from '../json.ts'
import { isSignedBy } from '../outbound/sign.ts'
import { outcomeOf, runIdOf } from '../providers/outcome.ts'
import { providerOf } from '../providers/provider.ts'
import { recordOutcome } from './record.ts'

export const CALLBACK_BYTES_MAX = 1024 * 1024
const DEPTH_MAX = 64

export interface Received {
  /** accepted: it ends the wait. known: it did before, nothing changes. noted: the job goes on, nothing changes. */
  status: 'accepted' | 'known' | 'noted'
}

/**
 * Takes what a provider says about its job. It may come before the answer to the submission, late, twice, or out of
 * order: the first one that says how the job ended counts. The same again is `known`; another end is refused
 * (`conflict`), and one for a wait that is over too (`expired`). An address that was never given out is `not_found`.
 */
export async function receiveCallback(
  core: Pick<Core, 'db' | 'clock' | 'queue'>,
  token: string,
  { body, headers }: { body: string; headers: Record<string, string> },
): Promise<Received> {
  const tokenHash = hashSecret(token)
  const row = await findCallbackByToken.first(core.db, { tokenHash })
  if (!row) throw notFound('such callback')
  const provider = providerOf({ definition_json: row.provider_json })
  if (provider.secret !== null && !isSignedBy(provider.secret, body, headers)) {
    throw new AppError(
      'unauthorized',
      'The signature is missing, too old, or not made with the secret of this provider.',
    )
  }
  const said = readJson(body)
  const outcome = outcomeOf(provider, said)
  const bodyHash = sha256(canonicalJson(said))
  return core.db.write(async function receiveCallback(tx): Promise<Received> {
    const how = { by: 'callback', bodyHash, providerRunId: runIdOf(provider, said) } as const
    if (outcome && (await recordOutcome(core, tx, row, outcome, how))) {
      return { status: 'accepted' }
    }
    const now = await findCallbackByToken.first(tx, { tokenHash })
    if (now?.state === 'over') throw new AppError('expired', 'Nobody waits for this any more.')
    if (!outcome) return { status: 'noted' }
    // A poll or the first answer told us before, and nobody can say whether of the same end.
    if (now?.body_hash === null || now?.body_hash === bodyHash) return { status: 'known' }
    throw new AppError('conflict', 'This job has ended already, and differently.')
  })
}

function readJson(body: string): Json {
  try {
    const value = JSON.parse(body) as Json
    if (isShallow(value, DEPTH_MAX)) return value
  } catch {
    // Said below.
  }
  throw new AppError('bad_request', 'The body is not JSON, or nested too deep.')
}

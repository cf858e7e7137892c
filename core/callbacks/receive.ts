import { type CallbackRow, findCallbackByToken } from '#db/callbacks.ts'
import { SealError } from '../connections/seal.ts'
import { credentialFor } from '../connections/use.ts'
import type { Core } from '../core.ts'
import { AppError, notFound } from '../errors.ts'
import { hashSecret, sha256 } from '../ids.ts'
import { canonicalJson, isShallow, type Json } from '../json.ts'
import { isSignedBy } from '../outbound/sign.ts'
import { scrubberOf } from '../providers/guarded.ts'
import { wholeProviderOfWait } from '../providers/hidden.ts'
import { outcomeOf, runIdOf } from '../providers/outcome.ts'
import type { ProviderDefinition } from '../providers/provider.ts'
import { ToolError } from '../tools/tool.ts'
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
  core: Pick<Core, 'db' | 'clock' | 'queue' | 'settings'>,
  token: string,
  { body, headers }: { body: string; headers: Record<string, string> },
): Promise<Received> {
  const tokenHash = hashSecret(token)
  const row = await findCallbackByToken.first(core.db, { tokenHash })
  if (!row) throw notFound('such callback')
  const provider = wholeOf(core, row)
  if (provider.secret !== null && !isSignedBy(provider.secret, body, headers)) {
    throw new AppError(
      'unauthorized',
      'The signature is missing, too old, or not made with the secret of this provider.',
    )
  }
  const given = readJson(body)
  const bodyHash = sha256(canonicalJson(given))
  const said = (await scrubberFor(core, row.context, provider)).json(given)
  const outcome = outcomeOf(provider, said)
  return core.db.write(async function receiveCallback(tx): Promise<Received> {
    const how = { by: 'callback', bodyHash, providerRunId: runIdOf(provider, said) } as const
    if (outcome && row.state === 'open' && (await recordOutcome(core, tx, row, outcome, how))) {
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

function wholeOf({ settings }: Pick<Core, 'settings'>, row: CallbackRow): ProviderDefinition {
  try {
    return wholeProviderOfWait(settings.keyring, row)
  } catch (error) {
    if (!(error instanceof SealError)) throw error
    throw new AppError('busy', 'The signature cannot be checked at the moment. Call again later.')
  }
}

/** What a provider was sent may come back in what it says. A credential that is gone cannot be looked for. */
async function scrubberFor(core: Pick<Core, 'db' | 'settings'>, context: string, provider: ProviderDefinition) {
  const credential = await credentialFor(core, context, provider.connection).catch((error: unknown) => {
    if (error instanceof ToolError) return undefined
    throw error
  })
  return scrubberOf(provider, credential)
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

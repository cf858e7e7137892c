import { findCallback } from '#db/callbacks.ts'
import { credentialFor, readable } from '../connections/use.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import type { JsonObject } from '../json.ts'
import { guardedWay } from '../providers/guarded.ts'
import { wholeProviderOfWait } from '../providers/hidden.ts'
import type { StoredRun } from '../runs/stored.ts'
import { signed } from '../signing/signed.ts'
import type { Supply } from '../tools/supply.ts'
import { ToolError } from '../tools/tool.ts'
import { callbackToken, callbackUrl } from './token.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'settings' | 'outbound'>

/**
 * For a job at a provider: the provider as it was when the wait was stored, and the address to call back to. When the
 * submission fails and yet the callback is there, it got through: then the step waits for what has already come.
 */
export async function supplyJob(core: Needs, run: StoredRun, input: JsonObject, key: string): Promise<Supply> {
  const row = await findCallback.first(core.db, { key })
  const name = String(input.provider)
  if (!row) {
    throw new ToolError('bad_input', `There is no provider ${name} here, or its secrets cannot be read.`)
  }
  const provider = readable(`secrets of the provider ${name}`, () => wholeProviderOfWait(core.settings.keyring, row))
  const context = contextKey(run.context)
  const credential = await credentialFor(core, context, provider.connection)
  const { publicUrl, authSecret } = core.settings
  const hasArrived = row.state === 'received'
  return {
    input,
    context: {
      outbound: guardedWay(await signed(core, context, key), provider, credential),
      job: { provider, callbackUrl: callbackUrl(publicUrl, callbackToken(authSecret, key)), hasArrived },
    },
    async ended(error) {
      if (error === undefined || (await findCallback.first(core.db, { key }))?.state !== 'received') return undefined
      return { submitted: { providerRunId: null, deadlineMs: core.clock.nowMs() + provider.deadlineMs }, output: {} }
    },
  }
}

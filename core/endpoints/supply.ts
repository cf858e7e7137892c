import { findEndpoint } from '#db/endpoints.ts'
import type { EndpointTable } from '#db/schema.ts'
import { guardingSecrets } from '../connections/credential.ts'
import { credentialFor, readable } from '../connections/use.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import type { JsonObject } from '../json.ts'
import type { StoredRun } from '../runs/stored.ts'
import { signed } from '../signing/signed.ts'
import type { Supply } from '../tools/supply.ts'
import { ToolError } from '../tools/tool.ts'
import { askBreaker, tellBreaker } from './breaker.ts'
import { definitionOf, mergeHeaders } from './endpoint.ts'
import { headersOf } from './hidden.ts'
import { secretsIn } from './masked.ts'

/** What speaks of the endpoint, and not of what it was asked. */
const FAILURES: ReadonlySet<string> = new Set(['timeout', 'network', 'http_5xx'])

type Needs = Pick<Core, 'db' | 'clock' | 'settings' | 'outbound'>

/**
 * For an HTTP call: the way out that signs, the stored endpoint when one is named, its breaker asked before and told
 * after. Headers of the team's defaults, the endpoint and the call, the later over the earlier.
 */
export async function supplyEndpoint(
  core: Needs,
  run: StoredRun,
  call: { input: JsonObject; defaults: JsonObject[]; endpoint: string | undefined; idempotencyKey: string },
): Promise<Supply> {
  const context = contextKey(run.context)
  const outbound = await signed(core, context, call.idempotencyKey)
  const layers = [...call.defaults, call.input]
  const given: JsonObject = Object.assign({}, ...layers)
  const name = call.endpoint ?? (typeof given.endpoint === 'string' ? given.endpoint : undefined)
  if (name === undefined)
    return {
      input: withHeaders(
        given,
        layers.map(({ headers }) => headers),
      ),
      context: { outbound },
    }
  const row = await findEndpoint.first(core.db, { context, name })
  if (!row) throw new ToolError('bad_input', `There is no endpoint ${name} here.`)
  const definition = definitionOf(row)
  const own = readable(`headers of the endpoint ${name}`, () => headersOf(core.settings.keyring, row))
  const headers = [...call.defaults.map((layer) => layer.headers), own, call.input.headers]
  const credential = await credentialFor(core, context, definition.connection)
  const permit = await askBreaker(core, row)
  const restsUntilMs = permit.kind === 'rests' ? permit.untilMs : null
  return {
    input: withHeaders(given, headers),
    context: {
      outbound: guardingSecrets(outbound, { credential, secrets: secretsIn(own) }),
      endpoint: { ...definition, restsUntilMs },
    },
    ...(permit.kind === 'go' ? { ended: told(core, row, permit) } : {}),
  }
}

const told =
  (core: Needs, row: EndpointTable, permit: Parameters<typeof tellBreaker>[2]) =>
  async (error?: unknown): Promise<undefined> => {
    // Nothing was learned about the endpoint: it was not asked, or not to the end. A trial like that simply runs out.
    const isSilent = error !== undefined && !(error instanceof ToolError && /^(timeout|network|http_)/.test(error.code))
    if (isSilent) return
    await tellBreaker(core, row, permit, error instanceof ToolError && FAILURES.has(error.code))
  }

function withHeaders(input: JsonObject, layers: readonly unknown[]): JsonObject {
  const headers = mergeHeaders(...layers)
  return Object.keys(headers).length === 0 ? input : { ...input, headers }
}

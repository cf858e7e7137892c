import type { Tx } from '#db/db.ts'
import {
  countEndpoints,
  deleteEndpoint,
  findEndpoint,
  findEndpointIn,
  insertEndpoint,
  updateEndpoint,
} from '#db/endpoints.ts'
import type { EndpointTable } from '#db/schema.ts'
import type { Actor } from '../actor.ts'
import { requestDigest } from '../connections/digest.ts'
import { requireConnection } from '../connections/use.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError, notFound } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { Json } from '../json.ts'
import { once } from '../once.ts'
import { requireContext } from '../teams/standing.ts'
import { checkEndpoint } from './check.ts'
import type { EndpointDefinition } from './endpoint.ts'
import { headersOrMasks, hideHeaders } from './hidden.ts'
import { unmaskedHeaders } from './masked.ts'

/** Each one is read when jobs are saved there. */
const ENDPOINTS_MAX = 200

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'settings'>

/** Stores a new endpoint in the actor's context → its id. `conflict` when the name is taken. For admins of a team. */
export async function createEndpoint(core: Needs, actor: Actor, endpoint: EndpointDefinition): Promise<{ id: string }> {
  checkEndpoint(endpoint)
  const nowMs = core.clock.nowMs()
  const context = contextKey(actor.context)
  const id = core.ids.newId('end')
  const hidden = hideHeaders(core.settings.keyring, { id, context }, endpoint)
  return core.db.write(async function createEndpoint(tx) {
    await requireContext(tx, actor, actor.context, 'connect')
    const input = requestDigest(core.settings.authSecret, { context, endpoint: endpoint as unknown as Json })
    return once(tx, { actor, operation: 'endpoint.create', input, nowMs }, async () => {
      const { count = 0 } = (await countEndpoints.first(tx, { context })) ?? {}
      if (count >= ENDPOINTS_MAX) throw new AppError('conflict', `There are ${ENDPOINTS_MAX} endpoints already.`)
      await requireConnection(tx, context, namedBy(endpoint))
      const row = { id, context, name: endpoint.name, ...hidden, createdBy: actor.accountId, nowMs }
      if ((await insertEndpoint.run(tx, row)) === 0) throw taken(endpoint.name)
      await appendEvents(tx, nowMs, [endpointEvent(actor, 'endpoint.created', id, endpoint.name)])
      return { id }
    })
  })
}

/** Replaces an endpoint, by its id or name. Its breaker begins anew. Headers that come back masked stay as they are. */
export async function changeEndpoint(
  core: Needs,
  actor: Actor,
  idOrName: string,
  change: EndpointDefinition,
): Promise<{ id: string }> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function changeEndpoint(tx) {
    await requireContext(tx, actor, actor.context, 'connect')
    const input = requestDigest(core.settings.authSecret, { id: idOrName, endpoint: change as unknown as Json })
    return once(tx, { actor, operation: 'endpoint.change', input, nowMs }, async () => {
      const row = await ownEndpoint(tx, actor, idOrName)
      const headers = unmaskedHeaders(change.headers, headersOrMasks(core.settings.keyring, row))
      const endpoint = { ...change, headers }
      checkEndpoint(endpoint)
      await requireConnection(tx, row.context, namedBy(endpoint))
      const other = await findEndpoint.first(tx, { context: row.context, name: endpoint.name })
      if (other && other.id !== row.id) throw taken(endpoint.name)
      const hidden = hideHeaders(core.settings.keyring, row, endpoint)
      await updateEndpoint.run(tx, { id: row.id, name: endpoint.name, ...hidden, nowMs })
      await appendEvents(tx, nowMs, [endpointEvent(actor, 'endpoint.changed', row.id, endpoint.name)])
      return { id: row.id }
    })
  })
}

/** Takes it away; jobs that name it fail from then on. A second time it is not there (`not_found`). */
export async function removeEndpoint(core: Pick<Core, 'db' | 'clock'>, actor: Actor, idOrName: string): Promise<void> {
  const nowMs = core.clock.nowMs()
  await core.db.write(async function removeEndpoint(tx) {
    await requireContext(tx, actor, actor.context, 'connect')
    await once(tx, { actor, operation: 'endpoint.remove', input: { id: idOrName }, nowMs }, async () => {
      const row = await ownEndpoint(tx, actor, idOrName)
      await deleteEndpoint.run(tx, { id: row.id })
      await appendEvents(tx, nowMs, [endpointEvent(actor, 'endpoint.deleted', row.id, row.name)])
      return null
    })
  })
}

async function ownEndpoint(tx: Tx, actor: Actor, id: string): Promise<EndpointTable> {
  const row = await findEndpointIn.first(tx, { context: contextKey(actor.context), id })
  if (!row) throw notFound('such endpoint')
  return row
}

const namedBy = ({ connection, url }: EndpointDefinition) => ({ connection, urls: [{ path: 'url', url }] })

const taken = (name: string): AppError => new AppError('conflict', `There is an endpoint ${name} here already.`)

const endpointEvent = (actor: Actor, type: string, subject: string, name: string) => ({
  type,
  actor: actor.accountId,
  context: contextKey(actor.context),
  subject,
  details: { name },
})

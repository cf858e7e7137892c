import type { Reader } from '#db/db.ts'
import { findEndpoint, findEndpointIn, listEndpoints } from '#db/endpoints.ts'
import type { EndpointTable } from '#db/schema.ts'
import type { Actor } from '../actor.ts'
import { type Context, contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError, notFound } from '../errors.ts'
import type { JobDefinition } from '../jobs/definition.ts'
import { requireContext } from '../teams/standing.ts'
import { type BreakerView, breakerView } from './breaker.ts'
import { definitionOf, type EndpointDefinition, endpointOf, toolIdOf } from './endpoint.ts'
import { headersOrMasks } from './hidden.ts'
import { maskedHeaders } from './masked.ts'

export interface EndpointView extends EndpointDefinition {
  id: string
  toolId: string
  breaker: BreakerView
  createdBy: string
  createdAt: string
  updatedAt: string
}

type Needs = Pick<Core, 'db' | 'clock' | 'settings'>

/** The endpoints of the actor's context, by name; for everybody who may look at it. Credentials are masked. */
export async function readEndpoints(core: Needs, actor: Actor): Promise<EndpointView[]> {
  await requireContext(core.db, actor, actor.context, 'read')
  const rows = await listEndpoints.all(core.db, { context: contextKey(actor.context) })
  return rows.map((row) => viewOf(core, row))
}

/** One, by its id or name. */
export async function readEndpoint(core: Needs, actor: Actor, idOrName: string): Promise<EndpointView> {
  await requireContext(core.db, actor, actor.context, 'read')
  const row = await findEndpointIn.first(core.db, { context: contextKey(actor.context), id: idOrName })
  if (!row) throw notFound('such endpoint')
  return viewOf(core, row)
}

function viewOf({ clock, settings }: Needs, row: EndpointTable): EndpointView {
  return {
    id: row.id,
    toolId: toolIdOf(row.name),
    ...definitionOf(row),
    headers: maskedHeaders(headersOrMasks(settings.keyring, row)),
    breaker: breakerView(row, clock.nowMs()),
    createdBy: row.created_by,
    createdAt: new Date(row.created_at_ms).toISOString(),
    updatedAt: new Date(row.updated_at_ms).toISOString(),
  }
}

/** That a definition names only endpoints of this context; asks nothing when it names none. */
export async function requireEndpoints(on: Reader, context: Context, { steps }: JobDefinition): Promise<void> {
  for (const step of steps) {
    const name = 'toolId' in step ? endpointOf(step.toolId) : undefined
    if (name === undefined) continue
    const row = await findEndpoint.first(on, { context: contextKey(context), name })
    if (!row) throw new AppError('not_found', `There is no endpoint ${name} here.`)
  }
}

import type { ProviderTable } from '#db/schema.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { masked, maskedHeaders } from '../endpoints/masked.ts'
import { notFound } from '../errors.ts'
import { requireContext } from '../teams/standing.ts'
import { providersFor } from './find.ts'
import { providerOrMasks } from './hidden.ts'
import { type ProviderDefinition, SHIPPED } from './provider.ts'

export interface ProviderView extends ProviderDefinition {
  id: string
  /** Comes with the program: to be used and copied, not changed. */
  isShipped: boolean
  createdBy: string
  createdAt: string
  updatedAt: string
}

/** What `http.job` can use in the actor's context, by name. Credentials are masked. */
export async function readProviders(core: Pick<Core, 'db' | 'settings'>, actor: Actor): Promise<ProviderView[]> {
  await requireContext(core.db, actor, actor.context, 'read')
  const rows = await providersFor(core.db, contextKey(actor.context))
  return [...rows.values()].map((row) => viewOf(core, row))
}

/** One, by its id or name. */
export async function readProvider(
  core: Pick<Core, 'db' | 'settings'>,
  actor: Actor,
  idOrName: string,
): Promise<ProviderView> {
  const found = (await readProviders(core, actor)).find(({ id, name }) => id === idOrName || name === idOrName)
  if (!found) throw notFound('such provider')
  return found
}

function viewOf({ settings }: Pick<Core, 'settings'>, row: ProviderTable): ProviderView {
  const provider = providerOrMasks(settings.keyring, row)
  const { submit, poll, secret } = provider
  return {
    id: row.id,
    ...provider,
    submit: { ...submit, headers: maskedHeaders(submit.headers) },
    poll: poll && { ...poll, headers: maskedHeaders(poll.headers) },
    secret: secret && masked(secret),
    isShipped: row.context === SHIPPED,
    createdBy: row.created_by,
    createdAt: new Date(row.created_at_ms).toISOString(),
    updatedAt: new Date(row.updated_at_ms).toISOString(),
  }
}

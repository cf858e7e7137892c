import type { Tx } from '#db/db.ts'
import { countProviders, deleteProvider, insertProvider, updateProvider } from '#db/providers.ts'
import type { ProviderTable } from '#db/schema.ts'
import type { Actor } from '../actor.ts'
import { requestDigest } from '../connections/digest.ts'
import { requireConnection } from '../connections/use.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { masked, unmaskedHeaders } from '../endpoints/masked.ts'
import { AppError, notFound } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { Json } from '../json.ts'
import { parseUsd } from '../money.ts'
import { once } from '../once.ts'
import { requireContext } from '../teams/standing.ts'
import { checkProvider } from './check.ts'
import { providersFor } from './find.ts'
import { hideSecrets, providerAt, providerOrMasks } from './hidden.ts'
import { type ProviderDefinition, SHIPPED } from './provider.ts'
import { SHIPPED_PROVIDERS } from './shipped.ts'

/** The price of each is kept with every run that may use any of them. */
const PROVIDERS_MAX = 50

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'settings'>

/** Stores a new provider in the actor's context → its id. `conflict` when the name is taken there. For admins of a team. */
export async function createProvider(core: Needs, actor: Actor, provider: ProviderDefinition): Promise<{ id: string }> {
  checkProvider(provider)
  const nowMs = core.clock.nowMs()
  const context = contextKey(actor.context)
  const id = core.ids.newId('prov')
  const columns = stored(core, { id, context }, provider)
  return core.db.write(async function createProvider(tx) {
    await requireContext(tx, actor, actor.context, 'connect')
    const input = requestDigest(core.settings.authSecret, { context, provider: provider as unknown as Json })
    return once(tx, { actor, operation: 'provider.create', input, nowMs }, async () => {
      const { count = 0 } = (await countProviders.first(tx, { context })) ?? {}
      if (count >= PROVIDERS_MAX) throw new AppError('conflict', `There are ${PROVIDERS_MAX} providers already.`)
      await requireConnection(tx, context, namedBy(provider))
      const row = { id, context, ...columns, createdBy: actor.accountId, nowMs }
      if ((await insertProvider.run(tx, row)) === 0) throw taken(provider.name)
      await appendEvents(tx, nowMs, [providerEvent(actor, 'provider.created', id, provider.name)])
      return { id }
    })
  })
}

/**
 * Replaces a provider, by its id or name. Jobs that it works on end as they began. What comes back masked stays as it is.
 */
export async function changeProvider(
  core: Needs,
  actor: Actor,
  idOrName: string,
  change: ProviderDefinition,
): Promise<{ id: string }> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function changeProvider(tx) {
    await requireContext(tx, actor, actor.context, 'connect')
    const input = requestDigest(core.settings.authSecret, { id: idOrName, provider: change as unknown as Json })
    return once(tx, { actor, operation: 'provider.change', input, nowMs }, async () => {
      const row = await ownProvider(tx, actor, idOrName)
      const provider = unmasked(change, providerOrMasks(core.settings.keyring, row))
      checkProvider(provider)
      await requireConnection(tx, row.context, namedBy(provider))
      const other = (await providersFor(tx, row.context)).get(provider.name)
      if (other && other.id !== row.id && other.context === row.context) throw taken(provider.name)
      await updateProvider.run(tx, { id: row.id, ...stored(core, row, provider), nowMs })
      await appendEvents(tx, nowMs, [providerEvent(actor, 'provider.changed', row.id, provider.name)])
      return { id: row.id }
    })
  })
}

/** Takes it away. What it works on for us still ends as it began. A second time it is not there (`not_found`). */
export async function removeProvider(core: Pick<Core, 'db' | 'clock'>, actor: Actor, idOrName: string): Promise<void> {
  const nowMs = core.clock.nowMs()
  await core.db.write(async function removeProvider(tx) {
    await requireContext(tx, actor, actor.context, 'connect')
    await once(tx, { actor, operation: 'provider.remove', input: { id: idOrName }, nowMs }, async () => {
      const row = await ownProvider(tx, actor, idOrName)
      await deleteProvider.run(tx, { id: row.id })
      await appendEvents(tx, nowMs, [providerEvent(actor, 'provider.deleted', row.id, row.name)])
      return null
    })
  })
}

/** Puts in the shipped ones. Those that are there stay as they are, unless the program ships another text of them. */
export async function seedProviders(core: Pick<Core, 'ids' | 'clock' | 'settings'>, tx: Tx): Promise<void> {
  const nowMs = core.clock.nowMs()
  const there = await providersFor(tx, SHIPPED)
  for (const provider of SHIPPED_PROVIDERS) {
    const row = there.get(provider.name)
    if (!row) {
      const id = core.ids.newId('prov')
      const columns = stored(core, { id, context: SHIPPED }, provider)
      await insertProvider.run(tx, { id, context: SHIPPED, ...columns, createdBy: 'system', nowMs })
    } else if (row.definition_json !== JSON.stringify(provider)) {
      await updateProvider.run(tx, { id: row.id, ...stored(core, row, provider), nowMs })
    }
  }
}

/** Shipped ones can be read and used, not changed. */
async function ownProvider(tx: Tx, actor: Actor, id: string): Promise<ProviderTable> {
  const context = contextKey(actor.context)
  const rows = [...(await providersFor(tx, context)).values()]
  const row = rows.find((one) => one.context === context && (one.id === id || one.name === id))
  if (!row) throw notFound('such provider of your own')
  return row
}

function unmasked(change: ProviderDefinition, before: ProviderDefinition): ProviderDefinition {
  const { submit, poll, secret } = change
  return {
    ...change,
    submit: { ...submit, headers: unmaskedHeaders(submit.headers, before.submit.headers) },
    poll: poll && { ...poll, headers: unmaskedHeaders(poll.headers, before.poll?.headers ?? {}) },
    secret: before.secret !== null && secret === masked(before.secret) ? before.secret : secret,
  }
}

function stored(
  { settings }: Pick<Core, 'settings'>,
  at: Pick<ProviderTable, 'id' | 'context'>,
  provider: ProviderDefinition,
) {
  const { json, sealed } = hideSecrets(settings.keyring, providerAt(at), provider)
  const rateMicros = provider.price === null ? null : (parseUsd(provider.price.rateUsd) ?? null)
  return { name: provider.name, definitionJson: json, sealed, rateMicros }
}

/** The hosts of both addresses; what templates put behind them leads nowhere else. */
const namedBy = ({ connection, submit, poll }: ProviderDefinition) => ({
  connection,
  urls: [{ path: 'submit.url', url: submit.url }, ...(poll ? [{ path: 'poll.url', url: poll.url }] : [])],
})

const taken = (name: string): AppError => new AppError('conflict', `There is a provider ${name} here already.`)

const providerEvent = (actor: Actor, type: string, subject: string, name: string) => ({
  type,
  actor: actor.accountId,
  context: contextKey(actor.context),
  subject,
  details: { name },
})

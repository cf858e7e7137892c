import { findConnection, listConnections } from '#db/connections.ts'
import type { ConnectionTable } from '#db/schema.ts'
import { may, mayOnPlatform } from '../access.ts'
import type { Actor } from '../actor.ts'
import { contextKey, contextOf } from '../context.ts'
import type { Core } from '../core.ts'
import { notFound } from '../errors.ts'
import { requireContext } from '../teams/standing.ts'
import { INSTANCE, settingsOf } from './connection.ts'
import { environmentConnection, environmentView } from './environment.ts'
import { masterIdOf } from './seal.ts'
import type { ConnectionView, TestResult } from './view.ts'

type Needs = Pick<Core, 'db' | 'settings'>

/**
 * What the actor's context can use, its own before the instance's, by name, and those of the environment at the end. For
 * everybody who may look at it.
 */
export async function readConnections(core: Needs, actor: Actor): Promise<ConnectionView[]> {
  const standing = await requireContext(core.db, actor, actor.context, 'read')
  const rights = { own: standing === undefined || may(standing, 'connect') }
  const rows = await listConnections.all(core.db, { context: contextKey(actor.context), instance: INSTANCE })
  const given = core.settings.modelConnections.map((one) => environmentView(one, actor))
  return [...rows.map((row) => viewOf(core, actor, row, rights)), ...given]
}

/** One, by its id or name. */
export async function readConnection(core: Needs, actor: Actor, idOrName: string): Promise<ConnectionView> {
  const standing = await requireContext(core.db, actor, actor.context, 'read')
  const find = { context: contextKey(actor.context), instance: INSTANCE, id: idOrName }
  const row = await findConnection.first(core.db, find)
  const given = row ? undefined : environmentConnection(core.settings, idOrName)
  if (given) return environmentView(given, actor)
  if (!row) throw notFound('such connection')
  return viewOf(core, actor, row, { own: standing === undefined || may(standing, 'connect') })
}

function viewOf(core: Needs, actor: Actor, row: ConnectionTable, rights: { own: boolean }): ConnectionView {
  const isInstance = row.context === INSTANCE
  const mayChange = isInstance ? mayOnPlatform(actor.platformRole, 'connect_instance') : rights.own
  return {
    id: row.id,
    name: row.name,
    provider: row.provider,
    owner: isInstance ? { type: 'instance', id: null } : contextOf(row.context),
    origin: 'stored',
    ...settingsOf(row),
    hint: mayChange && row.hint !== '' ? row.hint : null,
    version: row.version,
    isReadable: core.settings.keyring.find(masterIdOf(row.sealed)) !== undefined,
    lastTest:
      row.test_json === null || row.tested_at_ms === null
        ? null
        : { ...(JSON.parse(row.test_json) as TestResult), at: new Date(row.tested_at_ms).toISOString() },
    createdBy: row.created_by,
    createdAt: new Date(row.created_at_ms).toISOString(),
    rotatedAt: row.rotated_at_ms === null ? null : new Date(row.rotated_at_ms).toISOString(),
    mayChange,
    mayTest: mayChange,
  }
}

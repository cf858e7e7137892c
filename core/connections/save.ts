import { countConnections, deleteConnection, findConnection, insertConnection, replaceSecret } from '#db/connections.ts'
import type { Tx } from '#db/db.ts'
import type { ConnectionTable } from '#db/schema.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError, notFound } from '../errors.ts'
import { appendEvents, type NewEvent } from '../events/append.ts'
import type { Json } from '../json.ts'
import { once } from '../once.ts'
import { ownerOf, requireOwner } from './access.ts'
import { checkConnection, checkSecret } from './check.ts'
import { type Auth, type ConnectionSettings, INSTANCE, KINDS, type ProviderKind, placeOf } from './connection.ts'
import { requestDigest } from './digest.ts'
import { environmentConnection, refuseToChange } from './environment.ts'
import { seal } from './seal.ts'

const CONNECTIONS_MAX = 200
const HINT_CHARACTERS = 4

export interface NewConnection {
  /** Unique with its owner; what endpoints and providers name. */
  name: string
  provider: ProviderKind
  secret: string
  /** Undefined takes what the provider usually has. */
  baseUrl?: string | undefined
  auth?: Auth | undefined
  testPath?: string | null | undefined
  /** For every context of the instance; platform admins make those. */
  isInstance?: boolean | undefined
}

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'settings'>

/** Stores a credential of the actor's context, or of the instance → its id. `conflict` when the name is taken there. */
export async function createConnection(core: Needs, actor: Actor, given: NewConnection): Promise<{ id: string }> {
  const { name, provider } = given
  const secret = given.secret.trim()
  const settings = settingsFor(given)
  checkConnection({ name, provider, secret, settings }, core.settings.outboundAllow)
  const { keyring, authSecret } = core.settings
  const nowMs = core.clock.nowMs()
  const id = core.ids.newId('conn')
  const context = ownerOf(actor, given.isInstance ?? false)
  const sealed = seal(keyring, placeOf({ id, context, version: 1 }), secret)
  const asked = requestDigest(authSecret, { context, name, provider, secret, settings } as unknown as Json)
  return core.db.write(async function createConnection(tx) {
    await requireOwner(tx, actor, context)
    return once(tx, { actor, operation: 'connection.create', input: asked, nowMs }, async () => {
      if (environmentConnection(core.settings, name)) throw taken(name)
      const { count = 0 } = (await countConnections.first(tx, { context })) ?? {}
      if (count >= CONNECTIONS_MAX) throw new AppError('conflict', `There are ${CONNECTIONS_MAX} connections already.`)
      const settingsJson = JSON.stringify(settings)
      const row = { id, context, name, provider, settingsJson, sealed, hint: hintOf(secret) }
      if ((await insertConnection.run(tx, { ...row, createdBy: actor.accountId, nowMs })) === 0) {
        throw taken(name)
      }
      await appendEvents(tx, nowMs, [connectionEvent(actor, 'connection.created', { ...row, version: 1 })])
      return { id }
    })
  })
}

/**
 * Puts a new secret in place of the old one, which is gone with it; who uses the connection uses the new one from their
 * next request on. Of two at once one is stored (`conflict` for the other).
 */
export async function rotateConnection(
  core: Needs,
  actor: Actor,
  { id: idOrName, secret: given }: { id: string; secret: string },
): Promise<{ id: string }> {
  const secret = given.trim()
  const { keyring, authSecret } = core.settings
  const nowMs = core.clock.nowMs()
  const asked = requestDigest(authSecret, { id: idOrName, secret })
  return core.db.write(async function rotateConnection(tx) {
    const row = await connectionToChange(core, tx, actor, idOrName)
    return once(tx, { actor, operation: 'connection.rotate', input: asked, nowMs }, async () => {
      checkSecret(row.name, secret)
      const version = row.version + 1
      const sealed = seal(keyring, placeOf({ ...row, version }), secret)
      const change = { id: row.id, before: row.version, version, sealed, hint: hintOf(secret), nowMs }
      if ((await replaceSecret.run(tx, change)) === 0) {
        throw new AppError('conflict', 'Its secret was changed by somebody else a moment ago.')
      }
      await appendEvents(tx, nowMs, [connectionEvent(actor, 'connection.rotated', { ...row, version })])
      return { id: row.id }
    })
  })
}

/** Takes it away, secret and all; what names it fails from then on. A second time it is not there (`not_found`). */
export async function removeConnection(
  core: Pick<Core, 'db' | 'clock' | 'settings'>,
  actor: Actor,
  idOrName: string,
): Promise<void> {
  const nowMs = core.clock.nowMs()
  await core.db.write(async function removeConnection(tx) {
    await once(tx, { actor, operation: 'connection.remove', input: { id: idOrName }, nowMs }, async () => {
      const row = await connectionToChange(core, tx, actor, idOrName)
      await deleteConnection.run(tx, { id: row.id })
      await appendEvents(tx, nowMs, [connectionEvent(actor, 'connection.deleted', row)])
      return null
    })
  })
}

const taken = (name: string): AppError => new AppError('conflict', `There is a connection ${name} here already.`)

/** One that the actor may change, of their context or of the instance. */
async function connectionToChange(
  { settings }: Pick<Core, 'settings'>,
  tx: Tx,
  actor: Actor,
  id: string,
): Promise<ConnectionTable> {
  const context = contextKey(actor.context)
  const row = await findConnection.first(tx, { context, instance: INSTANCE, id })
  if (!row) await refuseToChange(tx, actor, settings, id)
  await requireOwner(tx, actor, row?.context ?? context)
  if (!row) throw notFound('such connection')
  return row
}

export const connectionEvent = (
  actor: Actor,
  type: string,
  { id, context, name, provider, version }: Pick<ConnectionTable, 'id' | 'context' | 'name' | 'provider' | 'version'>,
): NewEvent => ({
  type,
  actor: actor.accountId,
  context: context === INSTANCE ? null : context,
  subject: id,
  details: { name, provider, version },
})

function settingsFor({ provider, baseUrl, auth, testPath }: NewConnection): ConnectionSettings {
  const kind = KINDS[provider]
  if (!kind.isOpen && (auth !== undefined || (testPath ?? null) !== null)) {
    throw new AppError('bad_input', `It is known how ${provider} is asked: leave out auth and testPath.`)
  }
  const address = baseUrl ?? kind.baseUrl
  if (address === undefined) {
    throw new AppError('bad_input', `Give baseUrl: the secret is sent to that address and nowhere else.`, {
      problems: [{ path: 'baseUrl', message: 'is needed' }],
    })
  }
  return { baseUrl: address.replace(/\/+$/, ''), auth: auth ?? kind.auth, testPath: testPath ?? null }
}

/** Of a short one its end would be half of it. */
const hintOf = (secret: string): string => (secret.length >= HINT_CHARACTERS * 3 ? secret.slice(-HINT_CHARACTERS) : '')

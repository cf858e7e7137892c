import { findConnection } from '#db/connections.ts'
import type { Reader } from '#db/db.ts'
import type { ContextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError, type Problem } from '../errors.ts'
import { ToolError } from '../tools/tool.ts'
import { INSTANCE, originOf, placeOf, settingsOf } from './connection.ts'
import type { Credential } from './credential.ts'
import { SealError, unseal } from './seal.ts'

/**
 * The credential that an endpoint or a provider of a context names, by id or name, as it is now. Throws a ToolError, which
 * is not tried again, when there is none or it cannot be read. Undefined, and nothing is read, for null.
 */
export async function credentialFor(
  { db, settings }: Pick<Core, 'db' | 'settings'>,
  context: ContextKey,
  name: string | null,
): Promise<Credential | undefined> {
  if (name === null) return undefined
  const row = await findConnection.first(db, { context, instance: INSTANCE, id: name })
  if (!row) throw new ToolError('bad_input', `There is no connection ${name} here.`)
  const secret = readable(`secret of the connection ${row.name}`, () =>
    unseal(settings.keyring, placeOf(row), row.sealed),
  )
  return { name: row.name, settings: settingsOf(row), secret }
}

/** What was sealed, or a ToolError that says what to do. */
export function readable<T>(what: string, open: () => T): T {
  try {
    return open()
  } catch (error) {
    if (!(error instanceof SealError)) throw error
    throw new ToolError('refused', `The ${what} cannot be read with the keys of this instance. Enter it again.`)
  }
}

/** That what is stored names a connection of its context, and sends its secret to no other address than its own. */
export async function requireConnection(
  on: Reader,
  context: ContextKey,
  { connection, urls }: { connection: string | null; urls: readonly { path: string; url: string }[] },
): Promise<void> {
  if (connection === null) return
  const row = await findConnection.first(on, { context, instance: INSTANCE, id: connection })
  const origin = row && originOf(settingsOf(row).baseUrl)
  const problems: Problem[] = row
    ? urls
        .filter(({ url }) => originOf(url) !== origin)
        .map(({ path }) => ({ path, message: `must begin with ${origin}, for which the connection ${row.name} is` }))
    : [{ path: 'connection', message: 'is not the id or name of a connection here' }]
  if (problems.length === 0) return
  const list = problems.map(({ path, message }) => `${path} ${message}`).join('; ')
  throw new AppError('bad_input', `It cannot be stored: ${list}.`, { problems })
}

import { findLoginByAddress, findLoginByHandle, rehashPassword } from '#db/passwords.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { plainHandle } from './account.ts'
import { hashPassword, isOutdated, verifyPassword } from './password-hash.ts'
import { type Entry, openSession, type Session } from './sessions.ts'

/** Who somebody says they are: exactly one of the two. */
export type LoginName = { handle: string } | { email: string }

/**
 * Signs in with a password. Refused with one sentence, after the same work, whether there is no such account, it has no
 * password, it is closed, or the password is another one: nobody learns who has an account.
 */
export async function logIn(
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'log'>,
  { password, ...name }: LoginName & { password: string },
  entry: Omit<Entry, 'by'>,
): Promise<Session & { accountId: string }> {
  const found = await findLogin(core, name)
  const stored = found?.disabled_at_ms === null ? found.password_hash : undefined
  if (!(await verifyPassword(stored, password)) || !found || !stored) {
    // Names are what people mistype passwords into.
    core.log.info({ accountId: found?.id ?? null }, 'A sign-in with a password was refused')
    throw wrong()
  }
  const accountId = found.id
  const better = isOutdated(stored) ? await hashPassword(password) : undefined
  const { ids } = core
  const nowMs = core.clock.nowMs()
  return core.db.write(async function signInWithPassword(tx) {
    // It may have been changed while it was looked at. Written even when it stays: whoever changes it, and then ends all
    // sessions, waits for this one or makes it find another password.
    const kept = await rehashPassword.run(tx, { accountId, before: stored, hash: better ?? stored })
    if (kept === 0) throw wrong()
    return { ...(await openSession(tx, { ids, nowMs }, accountId, { ...entry, by: 'password' })), accountId }
  })
}

const findLogin = ({ db }: Pick<Core, 'db'>, name: LoginName) =>
  'handle' in name
    ? findLoginByHandle.first(db, { handle: plainHandle(name.handle) })
    : findLoginByAddress.first(db, { address: plainAddress(name.email) })

const plainAddress = (email: string): string => email.trim().normalize('NFKC').toLowerCase()

/** Whether that is a name of this account. For counting tries: nobody is told. */
export const isNameOf = async (core: Pick<Core, 'db'>, name: LoginName, accountId: string): Promise<boolean> =>
  (await findLogin(core, name))?.id === accountId

const wrong = (): AppError => new AppError('unauthorized', 'The name or the password is wrong.')

import { insertEmailClaim } from '#db/passwords.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { acceptInvitationAs } from '../teams/accept.ts'
import { type Account, makingOf } from './account.ts'
import { createAccount } from './create.ts'
import { checkAddress } from './email-address.ts'
import { setFirstPassword } from './first-password.ts'
import { hashPassword } from './password-hash.ts'
import { checkPassword } from './password-rules.ts'
import { type Entry, openSession, type Session } from './sessions.ts'

export interface Registration {
  handle: string
  displayName?: string
  password: string
  /** Only said, not shown: it opens nothing before somebody proves that it is theirs. */
  email?: string
  /** The code of an invitation; needed where access is not open. */
  invitation?: string
}

/**
 * Makes somebody an account with a password and signs them in, with the team they are invited to: all or nothing. Refused
 * with `forbidden` where one comes in by invitation and there is none, with `conflict` when the handle is taken, and like
 * `acceptInvitation`. An address that somebody has already is no reason to refuse: nobody learns of it.
 */
export async function register(
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'settings'>,
  { handle, displayName = handle, password, invitation, ...wanted }: Registration,
  entry: Omit<Entry, 'by'>,
): Promise<Session & { account: Account; email: string | undefined }> {
  if (core.settings.access !== 'open' && invitation === undefined) {
    throw new AppError('forbidden', 'Here one comes in by invitation. Ask somebody who is in for one.')
  }
  const email = wanted.email === undefined ? undefined : checkAddress(wanted.email)
  checkPassword(password, [handle, displayName, email])
  const hash = await hashPassword(password)
  const making = makingOf(core)
  const { nowMs } = making
  return core.db.write(async function registerAccount(tx) {
    const account = await createAccount(tx, making, { handle, displayName, platformRole: 'user' })
    const accountId = account.id
    if (invitation !== undefined) await acceptInvitationAs(tx, { accountId, code: invitation, nowMs })
    await setFirstPassword(tx, { accountId, hash, nowMs })
    if (email !== undefined) await insertEmailClaim.run(tx, { address: email, accountId, nowMs })
    return { ...(await openSession(tx, making, accountId, { ...entry, by: 'register' })), account, email }
  })
}

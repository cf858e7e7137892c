import type { Reader, Tx } from '#db/db.ts'
import { findPassword, setPassword as writePassword } from '#db/passwords.ts'
import { reply } from '../chat/message.ts'
import { personal } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { notify } from '../notifications/notify.ts'
import { type Account, accountByHandle, accountById, refuseDisabled } from './account.ts'
import { listIdentities } from './identities.ts'
import { hashPassword, verifyPassword } from './password-hash.ts'
import { checkPassword } from './password-rules.ts'
import { endSessionsOf, sessionEvent } from './sessions.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

export const hasPassword = async (on: Reader, accountId: string): Promise<boolean> =>
  (await findPassword.first(on, { accountId })) !== undefined

/**
 * Changes one's own password, or sets the first one. Who has one must know it. All other sessions end, and the person is
 * told: whoever else was in is out.
 */
export async function changePassword(
  core: Needs,
  { accountId, sessionId }: { accountId: string; sessionId: string },
  { currentPassword, password }: { currentPassword?: string; password: string },
): Promise<{ sessionsEnded: number }> {
  const account = await requireAccount(core.db, accountId)
  const before = await findPassword.first(core.db, { accountId })
  if (before && !(await verifyPassword(before.hash, currentPassword ?? ''))) {
    const message = 'This is not your password as it is now.'
    throw new AppError('forbidden', message, { problems: [{ path: 'currentPassword', message }] })
  }
  checkPassword(password, await wordsAbout(core.db, account))
  const hash = await hashPassword(password)
  const nowMs = core.clock.nowMs()
  return core.db.write(async function changeOwnPassword(tx) {
    // Another change, or a reset by mail, came first: what was proven does not hold any more.
    if ((await findPassword.first(tx, { accountId }))?.hash !== before?.hash) {
      throw new AppError('conflict', 'The password was changed meanwhile. Try again.')
    }
    await storePassword(core, tx, account, { hash, nowMs, by: accountId })
    return { sessionsEnded: await endSessionsOf(tx, { accountId, exceptId: sessionId, nowMs }) }
  })
}

/** For the command line on the machine itself. All sessions of the account end. */
export async function setPasswordByOperator(
  core: Needs,
  { handle, password }: { handle: string; password: string },
): Promise<{ accountId: string; handle: string }> {
  const account = await accountByHandle(core.db, handle)
  if (!account) throw new AppError('not_found', `There is no account @${handle}.`)
  refuseDisabled(account)
  checkPassword(password, await wordsAbout(core.db, account))
  const hash = await hashPassword(password)
  const nowMs = core.clock.nowMs()
  await core.db.write(async function setPasswordAsOperator(tx) {
    await storePassword(core, tx, account, { hash, nowMs, by: 'system' })
    await endSessionsOf(tx, { accountId: account.id, nowMs })
  })
  return { accountId: account.id, handle: account.handle }
}

/** The step that every change of a password comes to: the row, its event, and a word to its person. */
export async function storePassword(
  core: Pick<Core, 'clock' | 'ids' | 'queue'>,
  tx: Tx,
  { id: accountId }: Pick<Account, 'id'>,
  { hash, nowMs, by }: { hash: string; nowMs: number; by: string },
): Promise<void> {
  await writePassword.run(tx, { accountId, hash, nowMs })
  await appendEvents(tx, nowMs, [{ ...sessionEvent('password.changed', accountId, {}), actor: by }])
  const words =
    'Your password was changed, and you were signed out elsewhere. If that was not you, ask an admin at once.'
  await notify(core, tx, {
    accountId,
    type: 'security',
    context: personal(accountId),
    cause: accountId,
    text: words,
    reply: reply(words),
  })
}

/** What a password must not be made of. */
async function wordsAbout(on: Reader, { id, handle, displayName }: Account): Promise<string[]> {
  const identities = await listIdentities(on, id)
  return [
    handle,
    displayName,
    ...identities.flatMap(({ channel, externalId }) => (channel === 'email' ? externalId : [])),
  ]
}

async function requireAccount(on: Reader, accountId: string): Promise<Account> {
  const account = await accountById(on, accountId)
  if (!account) throw new AppError('unauthorized', 'This account does not exist any more.')
  refuseDisabled(account)
  return account
}

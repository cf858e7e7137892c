import { findAccountByHandle, updatePersonalCap, updateProfile as writeAccount } from '#db/accounts.ts'
import type { Reader, Tx } from '#db/db.ts'
import type { Actor } from '../actor.ts'
import { contextKey, personal } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { JsonObject } from '../json.ts'
import { usdOrNull } from '../money.ts'
import { once } from '../once.ts'
import { type Account, accountById, refuseDisabled } from './account.ts'
import { checkLimit, checkName, checkTimeZone } from './fields.ts'
import { checkHandle, handleTaken } from './handles.ts'

/** What is not given stays as it is. */
export interface ProfileChanges {
  handle?: string
  displayName?: string
  /** An IANA name. */
  timeZone?: string
  /** Null is the instance's default. */
  confirmAboveMicros?: bigint | null
}

export type Profile = {
  accountId: string
  handle: string
  displayName: string
  timeZone: string
  confirmAboveUsd: string | null
}

/** Changes one's own account. `bad_input` names the field; a handle that is taken is `conflict` with a free one. */
export async function updateProfile(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  changes: ProfileChanges,
): Promise<Profile> {
  const nowMs = core.clock.nowMs()
  const checked = checkProfile(changes)
  const input = shownChanges(checked)
  try {
    return await core.db.write(async function changeProfile(tx) {
      return once(tx, { actor, operation: 'account.update', input, nowMs }, async () => {
        return profileOf(await writeProfile(tx, actor.accountId, checked, nowMs))
      })
    })
  } catch (error) {
    // Two took one handle at once: the database let one of them.
    if (checked.handle !== undefined && !(error instanceof AppError)) await refuseTaken(core.db, checked.handle)
    throw error
  }
}

/** The step of it: what was checked is written, with its event. */
export async function writeProfile(
  tx: Tx,
  accountId: string,
  checked: ProfileChanges,
  nowMs: number,
): Promise<Account> {
  const account = await currentAccount(tx, accountId)
  const next = { ...account, ...checked }
  if (next.handle !== account.handle) await refuseTaken(tx, next.handle)
  await writeAccount.run(tx, next)
  await appendEvents(tx, nowMs, [accountEvent('account.updated', account.id, shownChanges(checked))])
  return next
}

/** The most that this person may spend in a month over all contexts; null lifts the cap. What is held counts too. */
export async function setPersonalCap(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  { capMicros }: { capMicros: bigint | null },
): Promise<{ capUsd: string | null }> {
  const nowMs = core.clock.nowMs()
  checkLimit(capMicros, 'capUsd')
  const input = { capUsd: usdOrNull(capMicros) }
  return core.db.write(async function changePersonalCap(tx) {
    return once(tx, { actor, operation: 'account.cap', input, nowMs }, async () => {
      const { id } = await currentAccount(tx, actor.accountId)
      await updatePersonalCap.run(tx, { id, capMicros })
      await appendEvents(tx, nowMs, [accountEvent('account.cap_set', id, input)])
      return input
    })
  })
}

/** Every field as it is kept, or `bad_input`. */
export function checkProfile({ handle, displayName, timeZone, confirmAboveMicros }: ProfileChanges): ProfileChanges {
  return {
    ...(handle === undefined ? {} : { handle: checkHandle(handle) }),
    ...(displayName === undefined ? {} : { displayName: checkName(displayName, 'displayName') }),
    ...(timeZone === undefined ? {} : { timeZone: checkTimeZone(timeZone) }),
    ...(confirmAboveMicros === undefined
      ? {}
      : { confirmAboveMicros: checkLimit(confirmAboveMicros, 'confirmAboveUsd') }),
  }
}

function shownChanges({ confirmAboveMicros, ...others }: ProfileChanges): JsonObject {
  return {
    ...others,
    ...(confirmAboveMicros === undefined ? {} : { confirmAboveUsd: usdOrNull(confirmAboveMicros) }),
  }
}

const profileOf = ({ id, handle, displayName, timeZone, confirmAboveMicros }: Account): Profile => ({
  accountId: id,
  handle,
  displayName,
  timeZone,
  confirmAboveUsd: usdOrNull(confirmAboveMicros),
})

async function currentAccount(tx: Tx, id: string): Promise<Account> {
  const account = await accountById(tx, id)
  if (!account) throw new AppError('unauthorized', 'This account does not exist any more.')
  refuseDisabled(account)
  return account
}

async function refuseTaken(on: Reader, handle: string): Promise<void> {
  if (await findAccountByHandle.first(on, { handle })) throw await handleTaken(on, handle)
}

const accountEvent = (type: string, accountId: string, details: JsonObject) => ({
  type,
  actor: accountId,
  context: contextKey(personal(accountId)),
  subject: accountId,
  details,
})

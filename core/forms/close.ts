import { closeForm, deleteOldForms, findForm, listExpiredForms } from '#db/forms.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { once, wasDone } from '../once.ts'
import { type Form, formOf } from './form.ts'
import { dropHere } from './open.ts'
import { showForm } from './show.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

const SEND = 'form.send'

/** A form that this person may send now. Refused in words when it is over; not when it was this very request that sent it. */
export async function formToSend(core: Pick<Core, 'db' | 'clock'>, actor: Actor, id: string): Promise<Form> {
  const row = await findForm.first(core.db, { id })
  if (!row || row.account_id !== actor.accountId) throw noForm()
  const form = formOf(row)
  if (await wasDone(core.db, actor, SEND)) return form
  if (row.expires_at_ms <= core.clock.nowMs()) throw over('expired')
  if (form.status !== 'open') throw over(form.status)
  return form
}

export const noForm = (): AppError => new AppError('not_found', 'That form is not yours, or not there any more.')

export function over(status: Exclude<Form['status'], 'open'>): AppError {
  const words = {
    sent: 'This form was sent already.',
    dropped: 'This form was dropped. Begin again with the command.',
    expired: 'This form waited for a day and is gone. Begin again with the command.',
  }
  return new AppError('conflict', words[status])
}

/** What was asked for has been done with it. */
export async function markSent(core: Needs, actor: Actor, id: string): Promise<void> {
  const nowMs = core.clock.nowMs()
  await core.db.write(async function markFormSent(tx) {
    await once(tx, { actor, operation: SEND, input: id, nowMs }, async () => {
      const [sent] = await closeForm.all(tx, { id, status: 'sent' })
      if (sent) await showForm(core, tx, formOf(sent))
      return null
    })
  })
}

/** Drops what is being filled in there; false when that is nothing. */
export async function dropOpenForm(core: Needs, actor: Actor, conversation: string): Promise<boolean> {
  const nowMs = core.clock.nowMs()
  const { accountId, channel } = actor
  return core.db.write(async function dropOpenForm(tx) {
    return once(tx, { actor, operation: 'form.drop', input: conversation, nowMs }, async () => {
      return (await dropHere(core, tx, { accountId, channel, conversation }, nowMs)) !== undefined
    })
  })
}

/** Drops one form; false when it is over already. Refused (`not_found`) for somebody else's. */
export async function dropForm(core: Needs, actor: Actor, id: string): Promise<boolean> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function dropForm(tx) {
    return once(tx, { actor, operation: 'form.drop', input: id, nowMs }, async () => {
      const row = await findForm.first(tx, { id })
      if (!row || row.account_id !== actor.accountId) throw noForm()
      const [dropped] = await closeForm.all(tx, { id, status: 'dropped' })
      if (dropped) await showForm(core, tx, formOf(dropped))
      return dropped !== undefined
    })
  })
}

/** Enough at a time that nobody waits long for it. */
const BATCH = 100
/** Longer than anybody wonders what became of it. */
const KEPT_MS = 7 * 24 * 3_600_000

/** Ends what nobody filled in within its day, and forgets what has long been over. */
export async function sweepForms(core: Needs, signal: AbortSignal): Promise<void> {
  for (let inBatch = BATCH; inBatch === BATCH && !signal.aborted; ) {
    inBatch = await core.db.write(async function expireForms(tx) {
      const expired = await listExpiredForms.all(tx, { nowMs: core.clock.nowMs(), most: BATCH })
      for (const { id } of expired) {
        const [closed] = await closeForm.all(tx, { id, status: 'expired' })
        if (closed) await showForm(core, tx, formOf(closed))
      }
      return expired.length
    })
  }
  await core.db.write(async function forgetOldForms(tx) {
    await deleteOldForms.run(tx, { beforeMs: core.clock.nowMs() - KEPT_MS })
  })
}

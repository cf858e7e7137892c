import type { Tx } from '#db/db.ts'
import { findForm } from '#db/forms.ts'
import { touchCard } from '../chat/outbox.ts'
import type { Core } from '../core.ts'
import { type Form, formKey, formOf } from './form.ts'

type Needs = Pick<Core, 'ids' | 'clock' | 'queue'>

/** Brings a form's messages up to date: the one that asks now, and the one before it, which stops asking. */
export async function showForm(core: Needs, tx: Tx, { id, channel, conversation, turns }: Form): Promise<void> {
  const last = turns.length - 1
  for (const turn of last > 0 ? [last - 1, last] : [last]) {
    await touchCard(core, tx, { channel, conversation, cardKey: formKey(id, turn), cause: id })
  }
}

/** Shows a form that could not be opened in any other way. */
export async function showFormById(core: Needs, tx: Tx, id: string): Promise<void> {
  const row = await findForm.first(tx, { id })
  if (row) await showForm(core, tx, formOf(row))
}

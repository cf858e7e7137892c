import type { Tx } from '#db/db.ts'
import { closeForm, findOpenForm, insertForm } from '#db/forms.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import type { Json, JsonObject } from '../json.ts'
import { once } from '../once.ts'
import { type Answers, type Form, type FormPurpose, type FormTerms, formOf, rowOf } from './form.ts'
import { showForm } from './show.ts'
import { askNext } from './steps.ts'

/** §9.2: what is half filled in waits for a day. Each answer begins it anew. */
export const FORM_LIFETIME_MS = 24 * 3_600_000

export interface FormRequest {
  /** Where it is asked, and where what comes of it goes. */
  conversation: string
  purpose: FormPurpose
  terms: FormTerms
  /** What is known already. */
  given?: JsonObject
}

/**
 * Begins a form; what the person was filling in there before is dropped. The answer is its id, the same one when the
 * same message is handled again. It is not shown yet: `Reply.formId` does that.
 */
export async function openForm(
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>,
  actor: Actor,
  { conversation, purpose, terms, given = {} }: FormRequest,
): Promise<string> {
  const nowMs = core.clock.nowMs()
  const { accountId, channel } = actor
  return core.db.write(async function openForm(tx) {
    const input = { conversation, purpose } as unknown as Json
    return once(tx, { actor, operation: 'form.open', input, nowMs }, async () => {
      await dropHere(core, tx, { accountId, channel, conversation }, nowMs)
      const id = core.ids.newId('form')
      const answers: Answers = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { value }]))
      const form: Form = { id, accountId, channel, conversation, purpose, terms, answers, turns: [], status: 'open' }
      await insertForm.run(tx, {
        ...rowOf(askNext(form, { isTyped: false })),
        account_id: accountId,
        channel,
        conversation,
        created_at_ms: nowMs,
        expires_at_ms: nowMs + FORM_LIFETIME_MS,
      })
      return id
    })
  })
}

/** Drops what a person is filling in in a conversation, if anything. */
export async function dropHere(
  core: Pick<Core, 'clock' | 'ids' | 'queue'>,
  tx: Tx,
  where: { accountId: string; channel: string; conversation: string },
  nowMs: number,
): Promise<Form | undefined> {
  const open = await findOpenForm.first(tx, { ...where, nowMs })
  const [dropped] = open ? await closeForm.all(tx, { id: open.id, status: 'dropped' }) : []
  if (!dropped) return undefined
  await showForm(core, tx, formOf(dropped))
  return formOf(dropped)
}

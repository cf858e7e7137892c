import type { Tx } from '#db/db.ts'
import { findForm, findOpenForm, takeForm, updateForm } from '#db/forms.ts'
import type { Actor } from '../actor.ts'
import type { IncomingFile } from '../chat/message.ts'
import type { Core } from '../core.ts'
import type { Json } from '../json.ts'
import { once, wasDone } from '../once.ts'
import { readFile, readGiven, readTyped } from './answers.ts'
import { withChosenJob } from './chosen.ts'
import { noForm, over } from './close.ts'
import { type Answer, askedNow, type Form, fieldsOfForm, formOf, OVERVIEW, rowOf } from './form.ts'
import { FORM_LIFETIME_MS } from './open.ts'
import { showForm } from './show.ts'
import * as steps from './steps.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

/** What became of an answer: `isReady` when all is there and nothing is shown before it is sent. */
export type Answered = { formId: string; isReady: boolean }

const ANSWER = 'form.answer'

/** True when words that this person says here are an answer: also when the same words were one, and come again. */
export async function isAsked(core: Pick<Core, 'db' | 'clock'>, actor: Actor, conversation: string): Promise<boolean> {
  const { accountId, channel } = actor
  const row = await findOpenForm.first(core.db, { accountId, channel, conversation, nowMs: core.clock.nowMs() })
  if (row) return askedNow(formOf(row)) !== OVERVIEW
  return wasDone(core.db, actor, ANSWER)
}

/**
 * Takes what somebody typed or attached for what is asked now. Undefined when nothing is asked there. The same delivery
 * again answers the same, and nothing more is answered by it.
 */
export async function answerForm(
  core: Needs,
  actor: Actor,
  { conversation, text, file }: { conversation: string; text: string; file?: IncomingFile },
): Promise<Answered | undefined> {
  const nowMs = core.clock.nowMs()
  const { accountId, channel } = actor
  const answered = await core.db.write(async function answerForm(tx) {
    return once(tx, { actor, operation: ANSWER, input: text, nowMs }, async () => {
      const open = await findOpenForm.first(tx, { accountId, channel, conversation, nowMs })
      const form = open && (await take(tx, open.id, nowMs))
      const field = form && fieldsOfForm(form).find(({ name }) => name === askedNow(form))
      if (!field) return null
      const answer = file ? readFile(field, file) : readTyped(field, text, form.terms)
      return write(core, tx, actor, steps.answer(form, field.name, answer, { isTyped: true }))
    })
  })
  return answered ?? undefined
}

/** What the buttons of a form do. */
export type FormPress =
  | { verb: 'set'; name: string; value: Json }
  | { verb: 'go'; name: string }
  | { verb: 'skip' | 'rest' | 'back' }

/** Refused when the form is over, or somebody else's. */
export async function pressForm(core: Needs, actor: Actor, id: string, press: FormPress): Promise<Answered> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function pressForm(tx) {
    return once(tx, { actor, operation: 'form.press', input: { id, ...press }, nowMs }, async () => {
      const form = await requireOwn(tx, actor, id, nowMs)
      return write(core, tx, actor, pressed(form, press))
    })
  })
}

function pressed(form: Form, press: FormPress): Form {
  switch (press.verb) {
    case 'skip':
      return steps.skip(form)
    case 'rest':
      return steps.skipRest(form)
    case 'back':
      return steps.back(form)
    default: {
      const field = fieldsOfForm(form).find(({ name }) => name === press.name)
      if (!field) return form
      if (press.verb === 'go') return steps.goTo(form, field.name)
      return steps.answer(form, field.name, readGiven(field, press.value, form.terms), { isTyped: false })
    }
  }
}

async function requireOwn(tx: Tx, { accountId }: Pick<Actor, 'accountId'>, id: string, nowMs: number): Promise<Form> {
  const row = await findForm.first(tx, { id })
  if (!row || row.account_id !== accountId) throw noForm()
  const form = await take(tx, id, nowMs)
  if (!form) throw over(row.status === 'open' ? 'expired' : row.status)
  return form
}

/** Nobody else changes it until the transaction ends. */
async function take(tx: Tx, id: string, nowMs: number): Promise<Form | undefined> {
  const row = await takeForm.first(tx, { id, nowMs, expiresAtMs: nowMs + FORM_LIFETIME_MS })
  return row && formOf(row)
}

async function write(core: Needs, tx: Tx, actor: Actor, given: Form): Promise<Answered> {
  const chosen = await withChosenJob(tx, actor, given)
  // A job that was just chosen has fields of its own.
  const form = chosen === given ? given : steps.askNext(chosen, { isTyped: false })
  await updateForm.run(tx, rowOf(form))
  await showForm(core, tx, form)
  return { formId: form.id, isReady: !form.terms.hasOverview && steps.isComplete(form) }
}

/**
 * Puts several answers in at once, as a form that shows all its fields does; null or nothing takes one back. The form is
 * not shown anew: whoever fills it in sees it.
 */
export async function fillForm(
  core: Needs,
  actor: Pick<Actor, 'accountId' | 'handle' | 'platformRole' | 'channel' | 'context'>,
  id: string,
  { values, files = {} }: { values: Record<string, Json>; files?: Record<string, IncomingFile> },
): Promise<Form> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function fillForm(tx) {
    const form = await requireOwn(tx, actor, id, nowMs)
    const answers: Form['answers'] = { ...form.answers }
    for (const field of fieldsOfForm(form)) {
      const { name } = field
      const given = files[name] ? readFile(field, files[name]) : readFilled(field, values, form)
      if (given === null) delete answers[name]
      else if (given) answers[name] = given
    }
    const filled = await withChosenJob(tx, actor, { ...form, answers })
    const isOther = filled.terms !== form.terms
    await updateForm.run(tx, rowOf(isOther ? steps.askNext(filled, { isTyped: false }) : filled))
    return filled
  })
}

/** Undefined when nothing was said about it, null when it is to be taken back. */
function readFilled(
  field: Parameters<typeof readGiven>[0],
  values: Record<string, Json>,
  form: Form,
): Answer | null | undefined {
  if (!Object.hasOwn(values, field.name)) return undefined
  const value = values[field.name] ?? null
  if (value === null || value === '') return null
  return readGiven(field, value, form.terms)
}

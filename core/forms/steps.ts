import { type Answer, type Answers, askedNow, type Form, fieldsOfForm, OVERVIEW } from './form.ts'

/**
 * A form that is asked field by field, as a pure machine. What a button does changes the message that has the button; what
 * is typed is answered by a message below it (`isTyped`).
 */

type Way = { isTyped: boolean }

export function answer(form: Form, name: string, given: Answer, way: Way): Form {
  const answers = { ...form.answers, [name]: given }
  if ('wrong' in given) return ask({ ...form, answers }, name, way)
  return askNext({ ...form, answers }, way)
}

/** Leaves out what is asked now; nothing where it is needed. */
export function skip(form: Form): Form {
  const name = askedNow(form)
  if (!fieldsOfForm(form).some((field) => field.name === name && !field.required)) return form
  return askNext({ ...form, answers: { ...form.answers, [name]: { skipped: true } } }, { isTyped: false })
}

/** Leaves out everything that is not needed and was not given. */
export function skipRest(form: Form): Form {
  const answers: Answers = { ...form.answers }
  for (const { name, required } of fieldsOfForm(form)) if (!required) answers[name] ??= { skipped: true }
  return askNext({ ...form, answers }, { isTyped: false })
}

/** Asks again for what was asked before. */
export function back(form: Form): Form {
  const turns = form.turns.map((turn) => [...turn])
  const current = turns.at(-1)
  current?.pop()
  if (current?.length === 0) {
    const before = turns.slice(0, -1).findLast((turn) => turn.length > 0)
    const last = before?.pop()
    if (last === undefined) return form
    current.push(last)
  }
  return withoutSkip({ ...form, turns })
}

/** Asks for this one, whatever comes next. */
export const goTo = (form: Form, name: string): Form => withoutSkip(ask(form, name, { isTyped: false }))

export const askNext = (form: Form, way: Way): Form => ask(form, nextOf(form), way)

/** What cannot be left out comes first. */
function nextOf({ answers, ...form }: Form): string {
  const open = fieldsOfForm(form).filter(({ name }) => answers[name] === undefined || 'wrong' in answers[name])
  return (open.find(({ required }) => required) ?? open[0])?.name ?? OVERVIEW
}

function ask(form: Form, name: string, { isTyped }: Way): Form {
  const turns = form.turns.map((turn) => [...turn])
  const current = turns.at(-1)
  if (isTyped || !current) return { ...form, turns: [...turns, [name]] }
  // Asked again in the same message, or come back to: it stands there once.
  const at = current.indexOf(name)
  turns[turns.length - 1] = at < 0 ? [...current, name] : current.slice(0, at + 1)
  return { ...form, turns }
}

function withoutSkip(form: Form): Form {
  const name = askedNow(form)
  const given = form.answers[name]
  if (!given || !('skipped' in given)) return form
  const { [name]: _, ...answers } = form.answers
  return { ...form, answers }
}

/** Nothing is missing and nothing is wrong. */
export function isComplete(form: Form): boolean {
  return fieldsOfForm(form).every(({ name, required }) => {
    const given = form.answers[name]
    if (given === undefined || 'skipped' in given) return !required
    return !('wrong' in given)
  })
}

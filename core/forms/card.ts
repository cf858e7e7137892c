import { findForm } from '#db/forms.ts'
import { type Button, type Confirm, type FormPart, type Part, text } from '../chat/message.ts'
import type { Sender } from '../chat/sender.ts'
import type { Core } from '../core.ts'
import { oneLine } from '../cut.ts'
import { askedNow, type Form, fieldsOfForm, formOf, formOfKey, OVERVIEW } from './form.ts'
import { noteOf } from './note.ts'
import { formPart } from './part.ts'
import { isComplete } from './steps.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'tools' | 'settings'>

interface Place {
  /** How the channel shows forms. */
  forms: Sender['forms']
  isPrivate: boolean
}

/** Past these a value is chosen by its name. */
const CHOICES_MAX = 24
const FIELDS_MAX = 12
const SHOWN_CHARACTERS = 120

/** What one message of a form says now: a form where the channel has them, else what is asked for. */
export async function renderFormCard(
  core: Needs,
  cardKey: string,
  { forms, isPrivate }: Place,
): Promise<Part[] | undefined> {
  const key = formOfKey(cardKey)
  const row = key && (await findForm.first(core.db, { id: key.id }))
  if (!row) return undefined
  const form = formOf(row)
  const part = formPart(form)
  if (form.status !== 'open') return over(form, part, key.turn)
  if (key.turn < form.turns.length - 1) return answered(form, part, key.turn)
  const note = await noteOf(core, form)
  if (forms) return wholeForm(form, { ...part, ...(note === undefined ? {} : { note }) }, forms)
  return askedNow(form) === OVERVIEW ? overview(form, part, note) : question(form, part, { note, isPrivate })
}

const command = (form: Form, verb: string, words = ''): string => `/fillin ${form.id} ${verb}${words && ` ${words}`}`
const cancel = (form: Form): Button => ({ label: 'Cancel', command: command(form, 'drop') })
const DROP: Confirm = {
  title: 'Drop this form?',
  text: 'What was filled in is gone then.',
  yes: 'Yes, drop it',
  no: 'Keep it',
}
const buttons = (list: Button[]): Part => ({ type: 'buttons', buttons: list })

function wholeForm(form: Form, part: FormPart, forms: NonNullable<Sender['forms']>): Part[] {
  const send: Button = { label: part.submitLabel, command: command(form, 'send'), style: 'primary' }
  const fillIn: Button = { label: 'Fill in', command: command(form, 'open'), style: 'primary' }
  // What is typed into a form among messages is in it before it is here: there whoever shows it knows whether it is empty.
  const isToAsk = forms === 'inline' || Object.keys(form.answers).length > 0
  const drop: Button = { ...cancel(form), ...(isToAsk ? { confirm: DROP } : {}) }
  return [part, buttons([forms === 'dialog' ? fillIn : send, drop])]
}

/** One field, with buttons for what it may be. */
function question(
  form: Form,
  { title, fields }: FormPart,
  { note, isPrivate }: { note: string | undefined; isPrivate: boolean },
): Part[] {
  const asked = askedNow(form)
  const field = fields.find(({ name }) => name === asked)
  if (!field) return []
  // One thing asked for by a question of its own: more words would only repeat it.
  const isPlainQuestion = fields.length === 1 && !form.terms.hasOverview && note !== undefined
  const isFirst = form.turns.flat().length <= 1
  const { label, description, required, usual, problem } = field
  const what = description ? `${label}: ${lowerFirst(description)}` : label
  const given = valueLines(fields, form.turns.at(-1)?.slice(0, -1) ?? [])
  return [
    text(isPlainQuestion ? note : title, 'strong'),
    ...(!isPlainQuestion && note && isFirst ? [text(note, 'muted')] : []),
    ...given,
    ...(problem ? [text(`✗ ${problem}`)] : []),
    ...(isPlainQuestion ? [] : [text(what)]),
    text(
      `${hintFor(field.kind, isPrivate)}${required ? '' : usual === undefined ? ' It can be left out.' : ` Else: ${shown(usual)}.`}`,
      'muted',
    ),
    buttons([...choices(form, field), ...moves(form, required), cancel(form)]),
  ]
}

const HINTS: Record<FormPart['fields'][number]['kind'], string> = {
  text: 'Send it as your next message.',
  multiline: 'Send it as your next message, or attach a text file.',
  number: 'Send a number.',
  integer: 'Send a whole number.',
  boolean: 'Choose.',
  choice: 'Choose.',
  json: 'Send it as JSON.',
  file: 'Attach a text file, or send the text.',
}

/** Where others talk too, only what answers a message of the bot reaches it. */
const hintFor = (kind: FormPart['fields'][number]['kind'], isPrivate: boolean): string =>
  isPrivate
    ? HINTS[kind]
    : HINTS[kind]
        .replace('Send it as your next message', 'Answer this message with it')
        .replace('Send a', 'Answer this message with a')

const YES_OR_NO = [
  { value: 'yes', label: 'Yes' },
  { value: 'no', label: 'No' },
]

/** Long examples are to be read, not pressed. */
const EXAMPLE_MAX = 40

function choices(form: Form, { name, kind, options, examples = [] }: FormPart['fields'][number]): Button[] {
  const pressable = examples.filter((example) => example.length <= EXAMPLE_MAX)
  const all =
    kind === 'boolean' ? YES_OR_NO : (options ?? pressable.map((example) => ({ value: example, label: example })))
  return all
    .slice(0, CHOICES_MAX)
    .map(({ value, label }) => ({ label, command: command(form, 'set', `${name} ${JSON.stringify(value)}`) }))
}

function moves(form: Form, required: boolean): Button[] {
  const left = fieldsOfForm(form).filter((field) => !field.required && form.answers[field.name] === undefined)
  const isFirst = form.turns.flat().length <= 1
  return [
    ...(required ? [] : [{ label: 'Skip', command: command(form, 'skip') }]),
    ...(required || left.length < 2 ? [] : [{ label: 'Skip the rest', command: command(form, 'rest') }]),
    ...(isFirst ? [] : [{ label: 'Back', command: command(form, 'back') }]),
  ]
}

/** All of it before it is sent, each field a tap away. */
function overview(form: Form, { title, fields, submitLabel }: FormPart, note: string | undefined): Part[] {
  const change = fields.slice(0, FIELDS_MAX).map(
    ({ name, label }): Button => ({
      label: `✎ ${label}`,
      command: command(form, 'go', name),
    }),
  )
  const send: Button[] = isComplete(form)
    ? [{ label: submitLabel, command: command(form, 'send'), style: 'primary', once: true }]
    : []
  return [
    text(title, 'strong'),
    ...valueLines(
      fields,
      fields.map(({ name }) => name),
      { withEmpty: true },
    ),
    ...(note ? [text(note, 'muted')] : []),
    buttons([...send, ...change, cancel(form)]),
  ]
}

/** A message whose questions are answered further down. */
function answered(form: Form, { title, fields }: FormPart, turn: number): Part[] {
  const lines = valueLines(fields, form.turns[turn] ?? [])
  return lines.length > 0 ? lines : [text(title, 'muted')]
}

/** The last message of a form says what became of it. */
function over(form: Form, part: FormPart, turn: number): Part[] {
  if (turn < form.turns.length - 1) return answered(form, part, turn)
  const words = { sent: '✓', dropped: 'Dropped:', expired: 'Not filled in within a day:' }[form.status as 'sent']
  const names = form.status === 'sent' ? part.fields.map(({ name }) => name) : []
  return [
    text(`${words} ${form.terms.hasOverview ? part.title : (form.terms.note ?? part.title)}`, 'muted'),
    ...valueLines(part.fields, names),
  ]
}

function valueLines(fields: FormPart['fields'], names: readonly string[], { withEmpty = false } = {}): Part[] {
  const lines = [...new Set(names)].flatMap((name) => {
    const field = fields.find((one) => one.name === name)
    if (!field || (field.value === undefined && !withEmpty)) return []
    const value = field.value ?? (field.usual === undefined ? '–' : `${shown(field.usual)} (usual)`)
    const label = field.options?.find((option) => option.value === value)?.label
    return [{ label: field.label, value: label ?? shown(value) }]
  })
  return lines.length > 0 ? [{ type: 'fields', fields: lines }] : []
}

const shown = (value: string): string => oneLine(value, SHOWN_CHARACTERS)

const lowerFirst = (words: string): string => words.charAt(0).toLowerCase() + words.slice(1)

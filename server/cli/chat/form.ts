import type { Readable, Writable } from 'node:stream'
import type { Account } from '#core/accounts/account.ts'
import type { FormField, FormPart, IncomingFile } from '#core/chat/message.ts'
import type { FilledIn, FormDesk, FormPerson } from '#core/chat/sender.ts'
import type { Core } from '#core/core.ts'
import { createFormDesk } from '#core/forms/desk.ts'
import { harmless, messageOf } from '../output.ts'
import { attachFile } from './files.ts'

export interface Asking {
  input: Readable
  output: Writable
}

/** Somebody left in the midst of a question. */
const LEFT = Symbol('left')

/** What came of asking: `isToSend`, and the form as it stands then; undefined when it is over. */
export interface Asked {
  isToSend: boolean
  form: FormPart | undefined
}

/**
 * Asks for a form field by field, and whether it is to be sent where there is something to look at before that, as a price.
 * What is answered is kept at once: whoever leaves can go on in the console, or with words at the prompt.
 */
export async function askForm(core: Core, account: Account, shown: FormPart, asking: Asking): Promise<Asked> {
  const desk: FormDesk = createFormDesk(core)
  const person: FormPerson = { channel: 'web', externalId: account.id }
  const prompts = await import('@clack/prompts')
  const attach = (path: string): Promise<IncomingFile> => attachFile(core, account, path)
  const asked = new Set<string>()
  let form: FormPart | undefined = await desk.find(shown.formId, person)
  let isReady = false
  for (;;) {
    const field = form?.fields.find(
      (one) => one.problem !== undefined || (one.value === undefined && !asked.has(one.name)),
    )
    if (!form || !field) break
    asked.add(field.name)
    const given = await answerTo(prompts, field, asking, attach)
    if (given === LEFT) return { isToSend: false, form }
    if (given === undefined) continue
    const filled = await desk.fill(form.formId, person, given)
    form = filled?.form
    isReady = filled?.isReady ?? false
  }
  if (!form || isReady) return { isToSend: isReady, form }
  const message = `${form.submitLabel}?${form.note ? ` ${harmless(form.note)}` : ''}`
  return { isToSend: (await prompts.confirm({ message, ...asking })) === true, form }
}

type Prompts = typeof import('@clack/prompts')

async function answerTo(
  prompts: Prompts,
  field: FormField,
  asking: Asking,
  attach: (path: string) => Promise<IncomingFile>,
): Promise<FilledIn | undefined | typeof LEFT> {
  const { name, kind, required } = field
  const typed = await prompt(prompts, field, asking)
  if (typed === LEFT) return LEFT
  if (typed === '') return required || field.value !== undefined ? { values: { [name]: null } } : undefined
  if (kind !== 'file') return { values: { [name]: typed } }
  try {
    return { values: {}, files: { [name]: await attach(typed) } }
  } catch (error) {
    return answerTo(prompts, { ...field, problem: messageOf(error) }, asking, attach)
  }
}

async function prompt(prompts: Prompts, field: FormField, asking: Asking): Promise<string | typeof LEFT> {
  const { kind, options = [], required, usual, value } = field
  const message = messageFor(field)
  const choices = kind === 'boolean' ? YES_OR_NO : options.map((one) => ({ ...one, label: harmless(one.label) }))
  const answer =
    choices.length > 0
      ? await prompts.select({
          message,
          options: required
            ? choices
            : [...choices, { value: '', label: usual === undefined ? '(leave it out)' : '(as usual)' }],
          initialValue: value ?? usual ?? choices[0]?.value ?? '',
          ...asking,
        })
      : await prompts.text({
          message,
          ...(usual === undefined ? {} : { placeholder: harmless(usual) }),
          ...(value === undefined ? {} : { initialValue: value }),
          validate: (typed) => (required && !typed?.trim() ? 'This is needed.' : undefined),
          ...asking,
        })
  return prompts.isCancel(answer) ? LEFT : (answer ?? '')
}

const YES_OR_NO = [
  { value: 'yes', label: 'Yes' },
  { value: 'no', label: 'No' },
]

function messageFor({ kind, label, description, problem, required }: FormField): string {
  const hints = [
    ...(description ? [harmless(description)] : []),
    ...(kind === 'file' ? ['the path of a file'] : []),
    ...(kind === 'json' ? ['as JSON'] : []),
    ...(required ? [] : ['can be left out']),
  ]
  const asked = hints.length > 0 ? `${harmless(label)} (${hints.join('; ')})` : harmless(label)
  return problem === undefined ? asked : `${asked}  ✗ ${harmless(problem)}`
}

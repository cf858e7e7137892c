import type { FormPart, Part } from '#core/chat/message.ts'
import { plainText } from '#core/chat/plain.ts'
import { choicesHtml, formHtml, partHtml } from './html.ts'
import { ANSWER_WITH, FILL_IN } from './our-words.ts'

/** A button as it is answered by mail: what is written in its place, or its label. */
export interface Choice {
  label: string
  token: string
  says?: string
}

export interface Rendered {
  text: string
  html: string
  buttons: Choice[]
  formId?: string
}

/** A message as the text of a mail, and the same to look at. Whatever stands in it, it is no link, no picture and no format. */
export function render(parts: readonly Part[]): Rendered {
  const blocks: string[] = []
  const html: string[] = []
  const buttons: Choice[] = []
  const links: string[] = []
  let formId: string | undefined
  for (const part of parts) {
    html.push(part.type === 'form' ? formHtml(part, template(part)) : partHtml(part))
    if (part.type === 'buttons') {
      for (const { label, token, url, says } of part.buttons) {
        if (token !== undefined) buttons.push({ label, token, ...(says ? { says } : {}) })
        else if (url !== undefined) links.push(`${label}: ${url}`)
      }
    } else if (part.type === 'form') {
      formId = part.formId
      blocks.push(formText(part))
    } else if (part.type === 'text' && part.style === 'heading')
      blocks.push(`${part.text}\n${'='.repeat(Math.min(part.text.length, 60))}`)
    else if (part.type !== 'file') blocks.push(plainText([part]))
  }
  tellApart(buttons)
  const shown = (formId === undefined ? buttons : buttons.filter(({ label }) => label === 'Cancel')).map(
    ({ label, says }) => ({ label, say: says ?? label }),
  )
  if (shown.length > 0) {
    const said = shown.map(({ say, label }) => `    ${say}${say === label ? '' : ` (${label})`}`)
    blocks.push(`${ANSWER_WITH}\n${said.join('\n')}`)
    html.push(choicesHtml(shown))
  }
  if (links.length > 0) blocks.push(links.join('\n'))
  return {
    text: clean(blocks.filter(Boolean).join('\n\n')),
    html: clean(html.join('')),
    buttons,
    ...(formId ? { formId } : {}),
  }
}

/** What is called the same is told apart by a number: who answers with the name means one of them. */
function tellApart(choices: Choice[]): void {
  const times = new Map<string, number>()
  for (const choice of choices) {
    const said = (choice.says ?? choice.label).toLowerCase()
    const time = (times.get(said) ?? 0) + 1
    times.set(said, time)
    if (time === 1) continue
    if (choice.says === undefined) choice.label += ` (${time})`
    else choice.says += ` (${time})`
  }
}

/** A template to reply to, with what is there already. */
function formText(form: FormPart): string {
  const { title, note, submitLabel } = form
  return [title, note, `${submitLabel}: ${FILL_IN}`, template(form)].filter(Boolean).join('\n\n')
}

const template = ({ fields }: FormPart): string =>
  fields
    .flatMap(({ name, label, description, options, required, value, usual, problem }) => [
      `# ${[label, description, required ? undefined : usual === undefined ? 'may stay empty' : `usually ${usual}`]
        .filter(Boolean)
        .join(', ')
        .replaceAll('\n', ' ')}`,
      ...(options ? [`# One of: ${options.map((option) => option.value).join(', ')}`] : []),
      ...(problem ? [`# ✗ ${problem}`] : []),
      `${name}: ${value ?? ''}`.trimEnd(),
    ])
    .join('\n')

/** Nothing that ends a line early or is not seen. */
const clean = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\P{Cc}\n\t]+/gu, '')

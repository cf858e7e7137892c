import type { FormPart, Part } from '#core/chat/message.ts'
import { plainText } from '#core/chat/plain.ts'

export interface Rendered {
  text: string
  buttons: { label: string; token: string }[]
  formId?: string
}

/** A message as the text of a mail. Text alone: whatever stands in it, it is no link, no picture and no format. */
export function render(parts: readonly Part[]): Rendered {
  const blocks: string[] = []
  const buttons: Rendered['buttons'] = []
  const links: string[] = []
  let formId: string | undefined
  for (const part of parts) {
    if (part.type === 'buttons') {
      for (const { label, token, url } of part.buttons) {
        if (token !== undefined) buttons.push({ label, token })
        else if (url !== undefined) links.push(`${label}: ${url}`)
      }
    } else if (part.type === 'form') {
      formId = part.formId
      blocks.push(formText(part))
    } else if (part.type === 'text' && part.style === 'heading')
      blocks.push(`${part.text}\n${'='.repeat(Math.min(part.text.length, 60))}`)
    else if (part.type !== 'file') blocks.push(plainText([part]))
  }
  makeUnlike(buttons)
  const shown = formId === undefined ? buttons : buttons.filter(({ label }) => label === 'Cancel')
  if (shown.length > 0) {
    blocks.push(
      `To answer, reply with one of these as the first line:\n${shown.map(({ label }) => `    ${label}`).join('\n')}`,
    )
  }
  if (links.length > 0) blocks.push(links.join('\n'))
  return { text: clean(blocks.filter(Boolean).join('\n\n')), buttons, ...(formId ? { formId } : {}) }
}

/** What is called the same is told apart by a number: who answers with the name means one of them. */
function makeUnlike(buttons: Rendered['buttons']): void {
  const times = new Map<string, number>()
  for (const button of buttons) {
    const name = button.label.toLowerCase()
    const time = (times.get(name) ?? 0) + 1
    times.set(name, time)
    if (time > 1) button.label += ` (${time})`
  }
}

/** A template to reply to, with what is there already. */
function formText({ title, note, fields, submitLabel }: FormPart): string {
  const lines = fields.flatMap(({ name, label, description, options, required, value, usual, problem }) => [
    `# ${[label, description, required ? undefined : usual === undefined ? 'may stay empty' : `usually ${usual}`]
      .filter(Boolean)
      .join(', ')
      .replaceAll('\n', ' ')}`,
    ...(options ? [`# One of: ${options.map((option) => option.value).join(', ')}`] : []),
    ...(problem ? [`# ✗ ${problem}`] : []),
    `${name}: ${value ?? ''}`.trimEnd(),
  ])
  return [title, note, `${submitLabel}: reply to this mail with these lines filled in.`, lines.join('\n')]
    .filter(Boolean)
    .join('\n\n')
}

/** Nothing that ends a line early or is not seen. */
const clean = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\P{Cc}\n\t]+/gu, '')

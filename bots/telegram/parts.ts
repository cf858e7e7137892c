import type { Part, ProgressStatus, QuotePart } from '#core/chat/message.ts'
import { plainText, progressMark } from '#core/chat/plain.ts'
import { linksBeside } from './keyboard.ts'
import { markdown } from './markdown.ts'
import { block, concat, isBlank, join, plain, quoted, type Rich, styled } from './rich.ts'
import { table } from './table.ts'
import { withTimes } from './times.ts'

/** What one part looks like as text. Buttons and files have their own places, unless Telegram does not take them. */
export function partText(part: Part): Rich {
  switch (part.type) {
    case 'text':
      return textPart(part)
    case 'markdown':
      return markdown(part.text)
    case 'quote':
      return quote(part)
    case 'fields':
      return join(
        part.fields.map(({ label, value }) => concat(styled(`${label}:`, 'bold'), ` ${value}`)),
        '\n',
      )
    case 'list':
      return join(
        part.items.map((item, index) => plain(`${part.ordered ? `${index + 1}.` : '•'} ${item}`)),
        '\n',
      )
    case 'table':
      return table(part.columns, part.rows)
    case 'code':
      return block(part.text, part.language)
    case 'buttons':
      return join(
        linksBeside([part]).map(({ label, url }) => plain(`${label}: ${url}`)),
        '\n',
      )
    case 'progress':
      return progress(part)
    case 'form':
      return plain(plainText([part]))
    case 'file':
      return concat()
  }
}

function textPart({ text, style }: Part & { type: 'text' }): Rich {
  switch (style) {
    case 'strong':
    case 'heading':
      return withTimes(text, (words) => styled(words, 'bold'))
    case 'muted':
      return withTimes(text, (words) => styled(words, 'italic'))
    default:
      return withTimes(text, plain)
  }
}

function progress({ title, status, steps }: Part & { type: 'progress' }): Rich {
  const line = (step: { label: string; status: ProgressStatus; note?: string }): Rich =>
    concat(`${progressMark(step.status)} ${step.label}`, ...(step.note ? [styled(` — ${step.note}`, 'italic')] : []))
  return join([concat(`${progressMark(status)} `, styled(title, 'bold')), ...steps.map(line)], '\n')
}

function quote({ title, of }: QuotePart): Rich {
  const name = title === undefined ? [] : [styled(title, 'bold')]
  const words = join(
    [...name, partText(of)].filter(({ text }) => !isBlank(text)),
    '\n',
  )
  return isBlank(words.text) ? concat() : quoted(words)
}

import type { Button, FormPart, Part } from '#core/chat/message.ts'
import { progressMark } from '#core/chat/plain.ts'
import { BOX, block, escaped, MONO } from './html-text.ts'
import { markdownHtml } from './markdown.ts'
import { ANSWER_WITH, FILL_IN } from './our-words.ts'

const STYLE = {
  muted: 'color:#667085;font-size:14px',
  strong: 'font-weight:600',
  heading: 'font-size:20px;font-weight:600;margin:0 0 4px',
  plain: '',
}
const CELL = 'padding:4px 16px 4px 0;text-align:left;vertical-align:top'
const LINK =
  'display:inline-block;background:#175cd3;color:#ffffff;text-decoration:none;border-radius:6px;padding:9px 16px;margin:0 8px 8px 0'

/**
 * One part of a message as it looks in a mail: our own shapes around text that is only text. The one kind of link there is leads
 * where a button of ours leads.
 */
export function partHtml(part: Part): string {
  switch (part.type) {
    case 'text':
      return paragraph(part.text, STYLE[part.style ?? 'plain'])
    case 'markdown':
      return markdownHtml(part.text)
    case 'code':
      return block(part.text)
    case 'quote':
      return `<blockquote style="border-left:3px solid #d0d5dd;margin:0 0 16px;padding:2px 0 2px 14px" dir="auto">${
        part.title === undefined ? '' : `<div style="${STYLE.strong}">${lines(part.title)}</div>`
      }${part.of.type === 'code' ? `<div style="${MONO}">${escaped(part.of.text)}</div>` : markdownHtml(part.of.text)}</blockquote>`
    case 'fields':
      return table(
        part.fields.map(({ label, value }) => `<th style="${CELL};${STYLE.muted}">${lines(label)}</th>${cell(value)}`),
      )
    case 'list': {
      const items = part.items.map((item) => `<li style="margin:0 0 4px" dir="auto">${lines(item)}</li>`).join('')
      const tag = part.ordered ? 'ol' : 'ul'
      return `<${tag} style="margin:0 0 16px;padding-left:24px">${items}</${tag}>`
    }
    case 'table': {
      const head = part.columns.map((name) => `<th style="${CELL};${STYLE.muted}">${lines(name)}</th>`).join('')
      return table([head, ...part.rows.map((row) => row.map(cell).join(''))])
    }
    case 'progress':
      return progress(part)
    case 'buttons':
      return part.buttons.map(linkHtml).join('')
    case 'form':
    case 'file':
      return ''
  }
}

/** The choices that a reply may begin with. */
export const choicesHtml = (says: readonly { say: string; label: string }[]): string =>
  `<div style="${BOX}"><div style="${STYLE.muted};margin:0 0 6px">${ANSWER_WITH}</div>${says
    .map(({ say, label }) => {
      const about =
        say.toLowerCase() === label.toLowerCase() ? '' : ` <span style="${STYLE.muted}">${lines(label)}</span>`
      return `<div style="${MONO};font-weight:600;padding:2px 0">${lines(say)}${about}</div>`
    })
    .join('')}</div>`

/** A form is filled in as text: here stands what its lines are called and what is known of them. */
export function formHtml({ title, note, fields, submitLabel }: FormPart, template: string): string {
  const about = fields.map(
    ({ name, label, description, problem }) =>
      `<li style="margin:0 0 4px" dir="auto"><b>${lines(name)}</b> ${lines([label === name ? '' : label, description].filter(Boolean).join(', '))}${
        problem ? `<div style="color:#b42318">✗ ${lines(problem)}</div>` : ''
      }</li>`,
  )
  return [
    paragraph(title, STYLE.heading),
    note === undefined ? '' : paragraph(note),
    `<ul style="margin:0 0 16px;padding-left:24px">${about.join('')}</ul>`,
    paragraph(`${submitLabel}: ${FILL_IN}`, STYLE.strong),
    block(template),
  ].join('')
}

export const linkHtml = ({ label, url }: Pick<Button, 'label' | 'url'>): string =>
  url !== undefined && /^https?:\/\//.test(url) ? `<a href="${escaped(url)}" style="${LINK}">${lines(label)}</a>` : ''

export const paragraph = (text: string, style = ''): string =>
  text === '' ? '' : `<div style="margin:0 0 16px;overflow-wrap:anywhere;${style}" dir="auto">${lines(text)}</div>`

/** The whole, as every reader of mails can show it: no style sheet, no picture, nothing that is fetched. */
export const documentOf = (body: string, footer: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head><body style="margin:0;padding:0"><div style="max-width:640px;margin:0;padding:16px;font:16px/1.5 -apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Arial,sans-serif">${body}${
    footer === ''
      ? ''
      : `<div style="border-top:1px solid #d0d5dd;margin:24px 0 0;padding:12px 0 0;${STYLE.muted}">${footer}</div>`
  }</div></body></html>`

function progress({ title, status, steps }: Extract<Part, { type: 'progress' }>): string {
  const rows = steps.map(
    (step) =>
      `<td style="padding:2px 10px 2px 0;${STYLE.muted}">${progressMark(step.status)}</td><td style="padding:2px 0" dir="auto">${lines(step.label)}${
        step.note ? ` <span style="${STYLE.muted}">${lines(step.note)}</span>` : ''
      }</td>`,
  )
  return `${paragraph(`${progressMark(status)} ${title}`, STYLE.strong)}${rows.length > 0 ? table(rows) : ''}`
}

const table = (rows: readonly string[]): string =>
  `<table role="presentation" style="border-collapse:collapse;margin:0 0 16px">${rows.map((row) => `<tr>${row}</tr>`).join('')}</table>`

const cell = (value: string): string => `<td style="${CELL}" dir="auto">${lines(value)}</td>`

const lines = (text: string): string => escaped(text).replaceAll('\n', '<br>')

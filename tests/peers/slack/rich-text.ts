import { list, type Notes } from './limits.ts'

type Fields = Record<string, unknown>

const STYLES = new Set(['bold', 'italic', 'strike', 'code', 'underline'])
const KNOWN: Record<string, string[]> = {
  rich_text_section: ['type', 'elements'],
  rich_text_preformatted: ['type', 'elements', 'border'],
  rich_text_quote: ['type', 'elements', 'border'],
  rich_text_list: ['type', 'elements', 'style', 'indent', 'border', 'offset'],
  text: ['type', 'text', 'style'],
  link: ['type', 'url', 'text', 'style', 'unsafe'],
  date: ['type', 'timestamp', 'format', 'url', 'fallback', 'style'],
}
const MANY = Number.MAX_SAFE_INTEGER

export function checkRichText({ elements }: Fields, notes: Notes): void {
  let chars = 0
  for (const element of list(elements, 1, MANY, 'rich text elements', notes) as Fields[]) {
    checkFields(element, notes)
    const sections = element.type === 'rich_text_list' ? checkList(element, notes) : [element]
    for (const section of sections) chars += checkInlines(section, notes)
  }
  // Not published; the bot keeps to what a section may hold.
  if (chars > 3000) notes.violate(`${chars} characters in one rich text`)
}

function checkList({ style, elements, indent }: Fields, notes: Notes): Fields[] {
  if (style !== 'bullet' && style !== 'ordered') notes.refuse(`invalid list style ${style}`)
  if (indent !== undefined && !(Number(indent) >= 0 && Number(indent) <= 8)) notes.refuse(`invalid indent ${indent}`)
  return list(elements, 1, MANY, 'list items', notes) as Fields[]
}

function checkInlines({ type, elements }: Fields, notes: Notes): number {
  let chars = 0
  for (const inline of list(elements, 1, MANY, `elements of ${type}`, notes) as Fields[]) {
    checkFields(inline, notes)
    if (inline.type === 'text' && (typeof inline.text !== 'string' || inline.text === '')) {
      notes.refuse('a text element must have text')
    }
    if (inline.type === 'link') checkLink(inline, notes)
    if (inline.type === 'date') checkDate(inline, notes)
    for (const name of Object.keys((inline.style as object | undefined) ?? {})) {
      if (!STYLES.has(name)) notes.refuse(`invalid style ${name}`)
    }
    chars += String(inline.text ?? inline.url ?? inline.fallback ?? '').length
  }
  return chars
}

function checkLink({ url, text }: Fields, notes: Notes): void {
  if (typeof url !== 'string' || !URL.canParse(url)) notes.refuse(`invalid url ${url}`)
  else if (!/^https?:/.test(url)) notes.violate(`a link to ${url}`)
  if (text === '') notes.refuse('a link must have text or none')
}

function checkDate({ timestamp, format, fallback }: Fields, notes: Notes): void {
  if (!Number.isInteger(timestamp)) notes.refuse(`invalid timestamp ${timestamp}`)
  if (typeof format !== 'string' || !/\{(date|time|ago)\w*\}/.test(format)) notes.refuse(`invalid format ${format}`)
  if (typeof fallback !== 'string' || fallback === '') notes.violate('a date without a fallback')
}

/** Users, groups and broadcasts have elements of their own: whoever makes one pings. */
function checkFields(element: Fields, notes: Notes): void {
  const known = KNOWN[String(element.type)]
  if (!known) notes.violate(`an element of type ${element.type} in rich text`)
  for (const name of Object.keys(element)) {
    if (known && !known.includes(name)) notes.refuse(`unknown field ${name} in ${element.type}`)
  }
}

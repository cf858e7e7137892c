import type { Part } from '#core/chat/message.ts'
import { progressMark } from '#core/chat/plain.ts'

/** The characters of a text that a reader could miss: no blanks, and nothing that a platform takes out. */
export type Essence = (text: string) => string

/**
 * What must be read of a part, in this order, whatever it looks like. Buttons and files are not read; the words of Markdown
 * have rules of their own.
 */
export function wordsIn(part: Part): string[] {
  switch (part.type) {
    case 'text':
    case 'code':
      return [part.text]
    case 'quote':
      return [part.title ?? '', ...(part.of.type === 'code' ? [part.of.text] : [])]
    case 'list':
      return part.items
    case 'fields':
      return part.fields.flatMap(({ label, value }) => [label, value])
    case 'progress':
      return [
        ...[progressMark(part.status), part.title],
        ...part.steps.flatMap(({ status, label, note = '' }) => [progressMark(status), label, note]),
      ]
    case 'form':
      return [
        part.title,
        part.note ?? '',
        ...part.fields.flatMap(({ label, value = '', problem = '' }) => [label, value, problem]),
      ]
    case 'table':
      return part.rows.flat()
    case 'markdown':
    case 'buttons':
    case 'file':
      return []
  }
}

/** Signs that stand around words and say what they are: dots, numbers, colons, rules, marks of progress. */
const SIGNS = /^[•\d.:·▸✓✗■…–—─()-]*$/

/** Characters of which nobody sees anything, so that Telegram takes no message of them. */
const UNSEEN = /[\s\u00ad\u200b-\u200f\u2060\u2800\u3164\ufeff]/g
export const isUnseen = (text: string): boolean => text.replace(UNSEEN, '') === ''
const isSigns = (text: string): boolean => SIGNS.test(text.replace(UNSEEN, ''))

/** What is missing of the words, or what is there beside them; undefined when they are what is shown. */
export function difference(wanted: readonly string[], shown: string, essence: Essence): string | undefined {
  let rest = essence(shown)
  for (const words of wanted) {
    const wish = essence(words)
    if (isUnseen(wish)) continue
    const at = rest.indexOf(wish)
    if (at < 0) return `missing ${JSON.stringify(words)}`
    const before = rest.slice(0, at)
    if (!isSigns(before)) return `there is ${JSON.stringify(before)} before ${JSON.stringify(words)}`
    rest = rest.slice(at + wish.length)
  }
  return isSigns(rest) ? undefined : `there is ${JSON.stringify(rest)} too much`
}

/**
 * Of Markdown: letters and digits that are not shown any more, and such as nobody wrote. Where a link leads counts as shown;
 * the language of a fence is no part of its text.
 */
export function lettersLost(source: string, shown: string, essence: Essence): string | undefined {
  const written = lettersOf(essence(source.replace(/^( {0,3}(?:`{3,}|~{3,})).*$/gm, '$1')))
  const seen = lettersOf(essence(shown))
  for (const [letter, count] of written) {
    if ((seen.get(letter) ?? 0) < count)
      return `${count - (seen.get(letter) ?? 0)} of ${JSON.stringify(letter)} are missing`
  }
  return undefined
}

function lettersOf(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [letter] of text.matchAll(/[\p{L}\p{N}]/gu)) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  return counts
}

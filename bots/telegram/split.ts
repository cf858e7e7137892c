import type { MessageEntity } from 'grammy/types'
import { isBlank, isQuote, type Rich, slice, trimmed } from './rich.ts'

/** Telegram's own limit, in UTF-16 units, formatting not counted. */
export const TEXT_MAX = 4096
/** It drops the entities of a message past this many without a word. */
export const ENTITIES_MAX = 100
/** How far back a break may be looked for before a text is cut in the middle of a word. */
const SEARCH_SHARE = 0.5
/** Marks that join the characters beside them into one; more in a row than this are no writing. */
const JOINED_MAX = 32

/**
 * Cuts at paragraphs, else lines, else words; formatting and code blocks go on in the next piece. Stops after
 * `piecesMax` pieces, whatever is left.
 */
export function split(rich: Rich, maxLength = TEXT_MAX, piecesMax = Number.POSITIVE_INFINITY): Rich[] {
  const pieces: Rich[] = []
  for (let rest = trimmed(rich); rest.text !== '' && pieces.length < piecesMax; ) {
    const isLast = rest.text.length <= maxLength && rest.entities.length <= ENTITIES_MAX
    const limit = Math.min(maxLength, rest.entities[ENTITIES_MAX]?.offset ?? maxLength)
    const end = isLast ? rest.text.length : breakBefore(rest, limit)
    const piece = trimmed(slice(rest, 0, end))
    if (!isBlank(piece.text)) pieces.push(piece)
    rest = continued(rest, end)
  }
  return pieces
}

/** The beginning of it, with a mark when there was more. */
export function cut(rich: Rich, maxLength = TEXT_MAX): Rich {
  const whole = trimmed(rich)
  const entities = atMost(whole.entities, ENTITIES_MAX)
  if (whole.text.length <= maxLength) return { text: whole.text, entities }
  const kept = slice({ text: whole.text, entities }, 0, characterEnd(whole.text, maxLength - 1))
  return { text: `${kept.text}…`, entities: kept.entities }
}

/** Formats may get lost where there are too many, but not the bar that tells whose words those are. */
function atMost(entities: MessageEntity[], max: number): MessageEntity[] {
  if (entities.length <= max) return entities
  const quotes = entities.filter(isQuote).slice(0, max)
  const others = entities.filter((entity) => !isQuote(entity)).slice(0, max - quotes.length)
  const kept = new Set([...quotes, ...others])
  return entities.filter((entity) => kept.has(entity))
}

/** Code keeps its indentation after a break; elsewhere blanks and empty lines at a break are the break. */
function continued(rest: Rich, end: number): Rich {
  const isCode = rest.entities.some(
    ({ type, offset, length }) => type === 'pre' && offset < end && end < offset + length,
  )
  const gap = isCode ? /^\n?/ : /^\s*/
  return slice(rest, end + (gap.exec(rest.text.slice(end, end + TEXT_MAX))?.[0].length ?? 0))
}

function breakBefore({ text }: Rich, limit: number): number {
  const window = text.slice(0, limit + 1)
  const least = Math.max(1, Math.floor(limit * SEARCH_SHARE))
  for (const separator of ['\n\n', '\n', ' ']) {
    const at = window.lastIndexOf(separator, limit)
    if (at >= least) return at
  }
  return characterEnd(text, limit)
}

/** The last place up to there that is not inside what a reader sees as one character. */
function characterEnd(text: string, limit: number): number {
  for (let end = limit; end > Math.max(0, limit - JOINED_MAX); end--) if (!isInside(text, end)) return end
  return isPairInside(text, limit) ? limit - 1 : limit
}

const isInside = (text: string, at: number): boolean =>
  isPairInside(text, at) || text[at - 1] === '\u200d' || /^[\p{M}\u200d]/u.test(text.slice(at, at + 2))

const isPairInside = (text: string, at: number): boolean =>
  /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(at - 1, at + 1))

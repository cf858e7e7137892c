import type { Call } from '../call.ts'
import { refuse, within } from '../errors.ts'
import { type Formatted, tidy, trim } from './clean.ts'
import { checkPlaces, readEntities } from './entities.ts'
import { parseHtml } from './html.ts'
import { parseMarkdownV2 } from './markdown.ts'
import { parseOldMarkdown } from './markdown-old.ts'
import { settleNesting } from './nesting.ts'

const parsers: Record<string, (source: string) => Formatted> = {
  html: parseHtml,
  markdownv2: parseMarkdownV2,
  markdown: parseOldMarkdown,
}

export interface TextNames {
  readonly text: string
  readonly entities: string
  readonly mode?: string
}

/** The text of a call with its formatting, as Telegram would store it. */
export function readFormatted(call: Call, names: TextNames): Formatted {
  const source = call.args.text(names.text)
  if (Buffer.byteLength(source) > 32_768) throw refuse('Text is too long')
  const mode = call.args.text(names.mode ?? 'parse_mode').toLowerCase()
  const given = call.args.json(names.entities, `Can't parse ${names.entities} JSON object`)
  return settle(parse(call, source, mode, given), (message) => call.violate(message))
}

function parse(call: Call, source: string, mode: string, given: unknown): Formatted {
  if (source === '' || mode === '' || mode === 'none') return { text: source, entities: readEntities(given) }
  const parser = parsers[mode]
  if (!parser) throw refuse('Unsupported parse_mode')
  if (given !== undefined) call.violate('both parse_mode and entities given; Telegram ignores the entities')
  return within("Can't parse entities", () => parser(source))
}

export function settle(raw: Formatted, report: (message: string) => void): Formatted {
  checkPlaces(raw.text, raw.entities)
  return trim(tidy({ text: raw.text, entities: settleNesting(raw.entities, report) }))
}

/** Characters nobody sees do not make a text. */
export const isBlank = (text: string): boolean =>
  text.replace(/[\s\u200b-\u200f\u2060\u2800\u3164\ufeff\u00ad]/g, '') === ''

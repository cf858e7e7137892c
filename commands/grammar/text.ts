import type { CommandLine, Span, Value } from './line.ts'

/** The text between two offsets as it was typed, without these spans and the blanks in front of them. */
export function textWithout(line: CommandLine, from: number, to: number, spans: readonly Span[]): string {
  let kept = ''
  let at = from
  for (const span of spans) {
    if (span.start < from || span.end > to) continue
    kept += line.text.slice(at, span.start).replace(BLANK_END, '')
    at = span.end
  }
  return kept + line.text.slice(at, to)
}

/** The look-behind keeps it from starting anew at every blank of a long gap. */
const BLANK_END = /(?<![^\S\n])[^\S\n]+$/

/** A double quote that opens the whole text and never closes is a slip; anywhere else in it, it is the person's style. */
export const isOpenText = (word: Value, index: number): boolean => index === 0 && word.quoting === 'open-double'

/** In names an apostrophe may begin any word but the first: `Guns 'n Roses`. */
export const isOpenName = (word: Value, index: number): boolean =>
  word.quoting === 'open-double' || (index === 0 && word.quoting === 'open-single')

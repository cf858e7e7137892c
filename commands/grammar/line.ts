/** What a line of chat is after reading: words with their places in the text, so that what was typed is never lost. */

/** `open-…`: a quote begins here and nothing closes it. An error in an argument, an apostrophe or a dash of style in free text. */
export type Quoting = 'none' | 'closed' | 'open-double' | 'open-single'

export interface Value {
  /** Without its quotes when `quoting` is `closed`, else as typed. */
  text: string
  quoting: Quoting
}

/** Offsets into `CommandLine.text`; `end` is the first character behind it. */
export interface Span {
  start: number
  end: number
}

export interface Word extends Span, Value {
  kind: 'word'
}

/** `--name` or `--name=value`. Whether the next word belongs to a bare `--name` is for the one who knows the command. */
export interface Flag extends Span {
  kind: 'flag'
  name: string
  value?: Value
}

/** `name=value`. Only a pair where `name` is known; otherwise it is a word like any other. */
export interface Pair extends Span {
  kind: 'pair'
  name: string
  value: Value
}

export type Token = Word | Flag | Pair

export interface CommandLine {
  kind: 'command'
  /** Lower case, `_` for `-`. */
  name: string
  /** The bot named in `/help@bot`, lower case. */
  botName?: string
  /** The whole message, cleaned of control characters and otherwise as typed. */
  text: string
  /** The first line after the name, at most 200 tokens. */
  tokens: Token[]
  /** Where the tokens stop: at the newline that ends the first line, the end, or the 201st token. */
  end: number
}

export interface Talk {
  kind: 'talk'
  text: string
}

export type ParsedLine = CommandLine | Talk

/** Names are the same in any case and with `-` or `_`. */
export const commandName = (name: string): string => name.toLowerCase().replaceAll('-', '_')

export const typed = (line: CommandLine, span: Span): string => line.text.slice(span.start, span.end)

/** Any token taken as a plain word: an unknown `--x` or `a=b` inside text is nothing else. */
export const asWord = (line: CommandLine, token: Token): Word =>
  token.kind === 'word'
    ? token
    : { kind: 'word', text: typed(line, token), quoting: 'none', start: token.start, end: token.end }

/** The untouched text from the n-th token (counted from 0) on, following lines included; `''` when nothing is left. */
export function restAfter(line: CommandLine, count: number): string {
  const from = line.tokens[count]?.start ?? line.end
  return withoutBlankStart(line.text.slice(from))
}

/** Blanks up to the newline of an empty first line go, nothing else: the indentation of the lines below stays. */
export const withoutBlankStart = (text: string): string => {
  if (text.trim() === '') return ''
  const newline = text.indexOf('\n')
  return newline !== -1 && text.slice(0, newline).trim() === '' ? text.slice(newline + 1) : text.trimStart()
}

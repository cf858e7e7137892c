import { type CommandLine, commandName, type ParsedLine } from './grammar/line.ts'
import { readTokens } from './grammar/tokens.ts'

/**
 * The one grammar of all channels:
 *
 *     /<command>[@bot] [word…] [--name value] [--name=value] [name=value] ["quoted text"]
 *     following lines
 *
 * Reading never fails. What is wrong with a line (an unknown flag, a quote that is not closed) depends on the command,
 * and is said together with its usage by grammar/arguments.ts (built-in commands) and grammar/inputs.ts (jobs).
 */
export function parseLine(message: string, options: { bare?: boolean } = {}): ParsedLine {
  const text = cleanText(message)
  const head = readHead(text, options.bare ?? false)
  return head ? { kind: 'command', ...head, text, ...readTokens(text, head.end) } : { kind: 'talk', text: text.trim() }
}

/** Marks that right-to-left keyboards and copying put before the slash without anyone seeing them. */
const UNSEEN = /^[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*/
const SLASHED = /\/([a-z][a-z0-9_-]{0,63})(?:@([a-z0-9_]{1,64}))?(?=\s|$)/iy
/** A mention makes the slash unnecessary: `@muster status?` */
const BARE = /([a-z][a-z0-9_-]{0,63})(?:(?=\s|$)|[?!.]+\s*$)/iy

function readHead(text: string, isBareAllowed: boolean): Pick<CommandLine, 'name' | 'botName' | 'end'> | undefined {
  const start = UNSEEN.exec(text)?.[0].length ?? 0
  for (const pattern of isBareAllowed ? [SLASHED, BARE] : [SLASHED]) {
    pattern.lastIndex = start
    const [whole, name, botName] = pattern.exec(text) ?? []
    if (whole === undefined || name === undefined) continue
    return { name: commandName(name), ...(botName && { botName: botName.toLowerCase() }), end: start + whole.length }
  }
  return undefined
}

/**
 * Line ends become `\n`, control characters other than newline and tab go, broken surrogates become U+FFFD: none of them
 * is anything a person typed, and databases and platforms refuse them.
 */
export const cleanText = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\P{Cc}\n\t]+/gu, '')

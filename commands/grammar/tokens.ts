import type { Token } from './line.ts'
import { QuoteReader } from './quotes.ts'

/** Nobody types more arguments than this; what follows is text. */
const MAX_TOKENS = 200

/**
 * `--name`, or the one long dash a phone made of the two. The long dash also opens asides (`—wait— no`), so there the
 * name has to look like one; after two typed dashes anything is meant as a flag and a wrong one is an error.
 */
const FLAG = /(?:--(?=[\p{L}_])([^\s=]{1,100})|[–—―]{1,2}(\p{L}[\p{L}\p{N}_.-]{0,63}))(?=[\s=]|$)/uy
/** Not `==`: that is somebody's code. */
const PAIR = /([\p{L}_][\p{L}\p{N}_.-]{0,63})=(?!=)/uy
const GAP = /[^\S\n]*/y

/** The tokens from `start` to the end of the line. Quoted text may run over several lines; the line ends after it. */
export function readTokens(text: string, start: number): { tokens: Token[]; end: number } {
  const quotes = new QuoteReader(text)
  const tokens: Token[] = []
  let at = skipGap(text, start)
  while (at < text.length && text[at] !== '\n' && tokens.length < MAX_TOKENS) {
    const token = readToken(text, at, quotes)
    tokens.push(token)
    at = skipGap(text, token.end)
  }
  return { tokens, end: at }
}

function skipGap(text: string, at: number): number {
  GAP.lastIndex = at
  GAP.exec(text)
  return GAP.lastIndex
}

function readToken(text: string, start: number, quotes: QuoteReader): Token {
  const flag = matchAt(FLAG, text, start)
  if (flag) {
    const nameEnd = start + flag[0].length
    const name = flag[1] ?? flag[2] ?? ''
    if (text[nameEnd] !== '=') return { kind: 'flag', name, start, end: nameEnd }
    const { end, ...value } = quotes.read(nameEnd + 1)
    return { kind: 'flag', name, value, start, end }
  }
  const pair = matchAt(PAIR, text, start)
  if (pair) {
    const { end, ...value } = quotes.read(start + pair[0].length)
    return { kind: 'pair', name: pair[1] ?? '', value, start, end }
  }
  return { kind: 'word', start, ...quotes.read(start) }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

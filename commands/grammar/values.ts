import type { Problem } from '#core/errors.ts'
import { parseUsd } from '#core/money.ts'
import { suggest } from '../suggest.ts'
import type { Value } from './line.ts'
import type { Scalar } from './spec.ts'

export type Read<T> = { value: T } | { problem: string }

interface Expected {
  kind: 'word' | 'integer' | 'amount' | 'boolean' | 'rest' | 'text'
  choices?: readonly string[]
  pattern?: RegExp
}

/** One typed value as the kind asks for it, or what is wrong with it in a sentence that names the value. */
export function readScalar({ kind, choices, pattern }: Expected, value: Value): Read<Scalar> {
  const open = openQuote(value)
  if (open) return { problem: open }
  const { text } = value
  if (choices) return readChoice(choices, text)
  switch (kind) {
    case 'amount': {
      const micros = parseUsd(text)
      return micros === undefined ? { problem: `takes dollars like 12.50, not ${shown(text)}` } : { value: micros }
    }
    case 'integer': {
      const number = /^[+-]?\d{1,15}$/.test(text) ? Number(text) : undefined
      return number === undefined ? { problem: `takes a whole number, not ${shown(text)}` } : { value: number }
    }
    case 'boolean':
      return readBoolean(text)
    default:
      if (text.trim() === '') return { problem: 'is empty' }
      return pattern && !pattern.test(text) ? { problem: `cannot be ${shown(text)}` } : { value: text }
  }
}

function readChoice(choices: readonly string[], text: string): Read<string> {
  const wanted = text.toLowerCase()
  const choice = choices.find((candidate) => candidate.toLowerCase() === wanted)
  if (choice !== undefined) return { value: choice }
  const [near] = suggest(text, choices)
  return { problem: `is one of ${choices.join(', ')}, not ${shown(text)}${near ? ` (did you mean ${near}?)` : ''}` }
}

function readBoolean(text: string): Read<boolean> {
  const wanted = text.toLowerCase()
  if (['true', 'yes', 'on', '1'].includes(wanted)) return { value: true }
  if (['false', 'no', 'off', '0'].includes(wanted)) return { value: false }
  return { problem: `is yes or no, not ${shown(text)}` }
}

export const openQuote = ({ quoting, text }: Value): string | undefined =>
  quoting === 'open-double' || quoting === 'open-single' ? `opens a quote that is not closed: ${cut(text)}` : undefined

/** Where people choose: who pays. */
export type AsContext = { type: 'personal' } | { type: 'team'; name: string }

export const AS_FLAG = 'as'

/** The value of `--as`; undefined when it is neither `personal` nor `team:<name or id>`. */
export function readAs(text: string): AsContext | undefined {
  if (text.toLowerCase() === 'personal') return { type: 'personal' }
  const name = /^team:([\s\S]*)$/i.exec(text)?.[1]?.trim()
  return name ? { type: 'team', name } : undefined
}

export const AS_PROBLEM: Problem = {
  path: AS_FLAG,
  message: '--as takes personal or team:<name>. A name with spaces is quoted: --as "team:Acme Rockets".',
}

/** What was typed, quoted for an error message and never longer than a line. */
export const shown = (text: string): string => `“${cut(text)}”`

function cut(text: string, length = 40): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  const characters = [...line.slice(0, length * 2 + 2)]
  return characters.length > length ? `${characters.slice(0, length).join('')}…` : line
}

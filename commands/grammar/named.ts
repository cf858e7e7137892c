import type { Problem } from '#core/errors.ts'
import { suggest } from '../suggest.ts'
import { asWord, type CommandLine, type Span, type Token, type Value } from './line.ts'
import { AS_FLAG, AS_PROBLEM, type AsContext, readAs } from './values.ts'

/** `--max-items`, `--max_items` and `--maxItems` are one name. */
const squashName = (name: string): string => name.toLowerCase().replaceAll(/[-_]/g, '')

/** Looks a name up as it stands first, then in any case and with any joining, unless that fits two. */
export function nameFinder<T extends { name: string }>(items: readonly T[]): (name: string) => T | undefined {
  const exact = new Map(items.map((item) => [item.name, item]))
  const squashed = Map.groupBy(items, (item) => squashName(item.name))
  return (name) => {
    const alike = squashed.get(squashName(name))
    return exact.get(name) ?? (alike?.length === 1 ? alike[0] : undefined)
  }
}

export type NamedToken = Exclude<Token, { kind: 'word' }>

/** A flag or pair with its value; `span` covers both, `next` is the index of the token behind. */
export interface Named {
  value: Value | undefined
  span: Span
  next: number
}

/**
 * The value of the flag or pair at `index`. A switch takes none from the next word (`--draft yes we can` is a switch and
 * three words), everything else takes the next token unless that is a flag or the `--` that ends them.
 */
export function readNamed(line: CommandLine, index: number, token: NamedToken, isSwitch: boolean): Named {
  const own = { start: token.start, end: token.end }
  if (token.value) return { value: token.value, span: own, next: index + 1 }
  if (isSwitch) return { value: { text: 'true', quoting: 'none' }, span: own, next: index + 1 }
  const following = line.tokens[index + 1]
  if (!following || following.kind === 'flag' || isEndOfFlags(following)) {
    return { value: undefined, span: own, next: index + 1 }
  }
  return { value: asWord(line, following), span: { start: token.start, end: following.end }, next: index + 2 }
}

/** Two typed dashes alone: nothing behind them is a flag or a pair. A long dash alone is punctuation. */
export const isEndOfFlags = (token: Token): boolean =>
  token.kind === 'word' && token.quoting === 'none' && token.text === '--'

/** `--as` decides who pays in every command, so it is never the name of anything else. */
export const isAs = (token: Token): boolean => token.kind === 'flag' && token.name.toLowerCase() === AS_FLAG

/** Inside free text `--as` is meant only when its value can be one. */
export const isAsValue = (value: Value | undefined): boolean => value !== undefined && readAs(value.text) !== undefined

/**
 * Who is to pay, for those who must know it before the line can be bound: what a job's inputs are depends on the context
 * it is looked up in. The binders find the same one, and report what is wrong with it.
 */
export function findAs(line: CommandLine): AsContext | undefined {
  for (const [index, token] of line.tokens.entries()) {
    if (isEndOfFlags(token)) return undefined
    if (token.kind !== 'flag' || !isAs(token)) continue
    const { value } = readNamed(line, index, token, false)
    const as = value && readAs(value.text)
    if (as) return as
  }
  return undefined
}

export function takeAs(into: { as?: AsContext; problems: Problem[] }, value: Value | undefined): void {
  const as = value && readAs(value.text)
  if (into.as) into.problems.push({ path: AS_FLAG, message: '--as is given twice.' })
  else if (as) into.as = as
  else into.problems.push(AS_PROBLEM)
}

export function unknownFlag(name: string, known: readonly { name: string }[]): Problem {
  const names = known.map((flag) => flag.name)
  const [near] = suggest(name, [...names, AS_FLAG])
  return { path: name, message: `There is no --${name} here.${near ? ` Did you mean --${near}?` : ''}` }
}

import type { Problem } from '#core/errors.ts'
import { asWord, type CommandLine, restAfter, type Span, type Value, type Word } from './line.ts'
import {
  findAs,
  isAs,
  isAsValue,
  isEndOfFlags,
  type Named,
  type NamedToken,
  nameFinder,
  readNamed,
  takeAs,
  unknownFlag,
} from './named.ts'
import { type Fill, fitWords } from './slots.ts'
import {
  type ArgumentSpec,
  type ArgumentValues,
  type FlagSpec,
  type FlagValues,
  isWideKind,
  type Scalar,
  type Slot,
} from './spec.ts'
import { isOpenName, isOpenText, textWithout } from './text.ts'
import { AS_FLAG, type AsContext, readScalar, shown } from './values.ts'

export type Bound<Args extends readonly Slot[], Flags extends readonly FlagSpec[]> =
  | {
      ok: true
      values: ArgumentValues<Args>
      flags: FlagValues<Flags>
      /** Given with `--as`, which every command knows. */
      as?: AsContext
      /** With `takesInputs`: the same line with the tokens behind the arguments, for `bindInputs`. */
      inputs?: CommandLine
    }
  /** Every problem of the line; `path` is the name of the argument or flag, `''` for the line as a whole. */
  | { ok: false; problems: Problem[] }

/**
 * Binds a line to what a built-in command takes.
 *
 * Flags may stand anywhere; behind the first lone `--` everything is a word. An unknown flag is an error, except inside a `text`
 * argument that has begun, where it is the person's text. `name=value` is a flag where the name is known, else a word.
 * Before a `rest` argument words are taken from the left, behind it from the right; two of them are parted by the last
 * literal between them.
 */
export function bindArguments<Args extends readonly Slot[], Flags extends readonly FlagSpec[]>(
  line: CommandLine,
  spec: ArgumentSpec<Args, Flags>,
): Bound<Args, Flags> {
  const sorted = sortTokens(line, spec)
  const text = spec.args.find((slot) => 'kind' in slot && slot.kind === 'text')
  const inputs = spec.takesInputs ? { ...line, tokens: line.tokens.slice(sorted.next) } : undefined
  if (!inputs) sortFollowing(line, sorted, text !== undefined)
  else if (sorted.as && findAs(inputs)) sorted.problems.push({ path: AS_FLAG, message: '--as is given twice.' })
  const fit = fitWords(spec.args, sorted.words)
  const values = readFills(line, fit.fills, sorted)
  const problems = [...sorted.problems, ...fit.problems]
  if (problems.length > 0) return { ok: false, problems }
  return {
    ok: true,
    values: values as ArgumentValues<Args>,
    flags: Object.fromEntries(sorted.flags) as FlagValues<Flags>,
    ...(sorted.as && { as: sorted.as }),
    ...(inputs && { inputs }),
  }
}

interface Sorted {
  words: Word[]
  flags: Map<string, Scalar>
  as?: AsContext
  /** The places of flags, cut out of the text around them. */
  named: Span[]
  problems: Problem[]
  /** The first token that was not looked at. */
  next: number
}

function sortTokens(line: CommandLine, spec: ArgumentSpec): Sorted {
  const sorted: Sorted = { words: [], flags: new Map(), named: [], problems: [], next: 0 }
  const findFlag = nameFinder(spec.flags)
  const textAfter = wordsBeforeText(spec.args)
  let isVerbatim = false
  while (sorted.next < line.tokens.length && !(spec.takesInputs && sorted.words.length >= spec.args.length)) {
    const token = line.tokens[sorted.next]
    if (!token) break
    const isInText = sorted.words.length > textAfter
    const named =
      isVerbatim || token.kind === 'word' ? undefined : takeFlag(line, sorted, token, { spec, findFlag, isInText })
    if (named) sorted.named.push(named.span)
    else if (isVerbatim || !isEndOfFlags(token)) sorted.words.push(asWord(line, token))
    else {
      isVerbatim = true
      if (isInText) sorted.words.push(asWord(line, token))
    }
    sorted.next = named?.next ?? sorted.next + 1
  }
  return sorted
}

interface FlagRules {
  spec: ArgumentSpec
  findFlag: (name: string) => FlagSpec | undefined
  isInText: boolean
}

/** Sets what this flag or pair gives; undefined when it is a word. */
function takeFlag(line: CommandLine, sorted: Sorted, token: NamedToken, rules: FlagRules): Named | undefined {
  const { spec, findFlag, isInText } = rules
  if (isAs(token)) {
    const named = readNamed(line, sorted.next, token, false)
    if (isInText && !isAsValue(named.value)) return undefined
    takeAs(sorted, named.value)
    return named
  }
  const flag = findFlag(token.name)
  if (flag) {
    const named = readNamed(line, sorted.next, token, flag.kind === 'boolean')
    setFlag(sorted, flag, named.value)
    return named
  }
  if (token.kind === 'pair' || isInText) return undefined
  sorted.problems.push(unknownFlag(token.name, spec.flags))
  return readNamed(line, sorted.next, token, true)
}

/** How many words come before a `text` argument at the least; from the next one on, unknown flags may be text. */
function wordsBeforeText(slots: readonly Slot[]): number {
  const text = slots.findIndex((slot) => 'kind' in slot && slot.kind === 'text')
  return text === -1 ? Infinity : slots.slice(0, text).filter((slot) => !slot.optional).length
}

function setFlag(sorted: Sorted, flag: FlagSpec, value: Value | undefined): void {
  const problem = (message: string) => sorted.problems.push({ path: flag.name, message: `--${flag.name} ${message}.` })
  if (sorted.flags.has(flag.name)) return void problem('is given twice')
  if (!value) return void problem('needs a value')
  const read = readScalar(flag, value)
  if ('problem' in read) problem(read.problem)
  else sorted.flags.set(flag.name, read.value)
}

/** The lines below the first: one more piece of the text, and a mistake where no text is taken. */
function sortFollowing(line: CommandLine, sorted: Sorted, takesText: boolean): void {
  const text = restAfter(line, line.tokens.length)
  if (text === '') return
  const start = line.text.length - text.length
  if (takesText) sorted.words.push({ kind: 'word', text, quoting: 'none', start, end: line.text.length })
  else sorted.problems.push({ path: '', message: `This takes a single line; there is no place for ${shown(text)}.` })
}

function readFills(line: CommandLine, fills: readonly Fill[], sorted: Sorted): Record<string, Scalar> {
  const values: Record<string, Scalar> = {}
  for (const { argument, words } of fills) {
    const [first] = words
    if (!first) continue
    const read = isWideKind(argument.kind)
      ? readScalar(argument, wideValue(line, words, argument.kind === 'text', sorted.named))
      : readScalar(argument, first)
    if ('problem' in read) {
      sorted.problems.push({ path: argument.name, message: `<${argument.label ?? argument.name}> ${read.problem}.` })
    } else values[argument.name] = read.value
  }
  return values
}

/** One quoted text is its content; several words are what was typed from the first to the last. */
function wideValue(line: CommandLine, words: readonly Word[], isText: boolean, named: readonly Span[]): Value {
  const [first] = words
  const last = words.at(-1)
  if (!first || !last) return { text: '', quoting: 'none' }
  if (words.length === 1 && first.quoting === 'closed') return first
  const open = words.find((word, index) => (isText ? isOpenText : isOpenName)(word, index))
  if (open) return open
  return { text: textWithout(line, first.start, isText ? line.text.length : last.end, named), quoting: 'none' }
}

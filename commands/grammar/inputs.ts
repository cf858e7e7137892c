import type { Problem } from '#core/errors.ts'
import type { Json } from '#core/json.ts'
import type { JsonSchema } from '#core/schema.ts'
import { type CommandLine, restAfter, type Span, type Token, typed, type Value, withoutBlankStart } from './line.ts'
import {
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
import { isOpenText, textWithout } from './text.ts'
import { type AsContext, openQuote, shown } from './values.ts'

/** One input of a job, as much of its schema as a line needs. */
export interface Field {
  name: string
  type: NonNullable<JsonSchema['type']>
  required: boolean
  enum?: readonly Json[]
}

export interface BoundInputs {
  /** Field name → text, exactly as typed; whoever holds the schema makes numbers and lists of it. */
  values: Map<string, string>
  as?: AsContext
  /** Required fields that were not given: something to ask for, not an error. */
  missing: string[]
  /** Every problem; `path` is the name of the field or flag, `''` for the line as a whole. */
  problems: Problem[]
}

/**
 * Binds a line to the inputs of a job: `/translate --lang de tone=warm Good morning` and what follows on further lines.
 *
 * 1. Fields are given as `--name value`, `--name=value` or `name=value`; a boolean as `--name` alone.
 * 2. The free text begins with the first word that belongs to no field, or after a lone `--`, or on the second line, and
 *    goes to the end of the message. It is the primary input, unchanged. When all of it is one quoted text, it is what is
 *    quoted.
 * 3. Before the free text an unknown `--flag` is an error. Inside it, it is text like everything else; known fields still
 *    count up to the end of the first line (`/translate Good morning --lang de`) and are cut out with the blank before
 *    them. Whoever writes about `--lang` itself puts a lone `--` before the text, quotes it, or writes it on the next
 *    line: nothing is ever cut out there.
 * 4. `--as` inside the text counts only with a value that can be one. A field called `as` is given as `as=…`.
 * 5. `name=value` with an unknown name is text, everywhere.
 * 6. Quotes that nothing closes are errors in a value and at the start of the text, and text everywhere else.
 */
export function bindInputs(line: CommandLine, fields: readonly Field[], primary?: string): BoundInputs {
  const reading: Reading = { line, named: [], values: new Map(), problems: [], words: 0, isBelow: false }
  readFields(reading, fields)
  const text = readText(reading)
  if (text !== undefined) setText(reading, text, primary)
  const { values, as, problems } = reading
  const missing = fields.filter((field) => field.required && !values.has(field.name)).map((field) => field.name)
  return { values, ...(as && { as }), missing, problems }
}

interface Reading {
  readonly line: CommandLine
  readonly named: Span[]
  readonly values: Map<string, string>
  readonly problems: Problem[]
  as?: AsContext
  /** Where the free text begins, when it does so on the first line, its first token, and how many words of it were met. */
  textStart?: number
  first?: Token
  words: number
  /** The tokens have left the first line with a quote inside the text: no fields any more. */
  isBelow: boolean
}

function readFields(reading: Reading, fields: readonly Field[]): void {
  const { line } = reading
  const findField = nameFinder(fields)
  for (let index = 0; index < line.tokens.length; ) {
    const token = line.tokens[index]
    if (!token) return
    if (isEndOfFlags(token)) {
      reading.textStart ??= token.end
      return
    }
    const named = token.kind === 'word' ? undefined : takeNamed(reading, index, token, findField, fields)
    if (named) reading.named.push(named.span)
    else meetText(reading, token)
    index = named?.next ?? index + 1
  }
}

/** Quoted text over several lines within the free text: the first line has ended in the midst of it. */
function meetText(reading: Reading, token: Token): void {
  if (reading.textStart !== undefined && typed(reading.line, token).includes('\n')) reading.isBelow = true
  reading.textStart ??= token.start
  reading.first ??= token
  reading.words += 1
}

/** Sets the field that this flag or pair gives; undefined when it is text. */
function takeNamed(
  reading: Reading,
  index: number,
  token: NamedToken,
  findField: (name: string) => Field | undefined,
  fields: readonly Field[],
): Named | undefined {
  const { line, problems } = reading
  const isInText = reading.textStart !== undefined
  if (isAs(token)) {
    const named = readNamed(line, index, token, false)
    if (isInText && !isAsValue(named.value)) return undefined
    takeAs(reading, named.value)
    return named
  }
  const field = reading.isBelow ? undefined : findField(token.name)
  if (field) {
    const named = readNamed(line, index, token, field.type === 'boolean')
    setField(reading, field.name, named.value)
    return named
  }
  if (token.kind === 'pair' || isInText) return undefined
  problems.push(unknownFlag(token.name, fields))
  return readNamed(line, index, token, true)
}

function setField(reading: Reading, name: string, value: Value | undefined): void {
  const problem = (message: string) => reading.problems.push({ path: name, message: `${name} ${message}.` })
  if (reading.values.has(name)) return void problem('is given twice')
  if (!value) return void problem('needs a value')
  const open = openQuote(value)
  if (open) problem(open)
  else reading.values.set(name, value.text)
}

function readText(reading: Reading): string | undefined {
  const { line, textStart, first, words } = reading
  const below = restAfter(line, line.tokens.length)
  if (textStart === undefined) return below || undefined
  if (first?.kind === 'word') {
    if (first.quoting === 'closed' && words === 1 && below === '') return first.text
    if (isOpenText(first, 0)) reading.problems.push({ path: '', message: `The text ${openQuote(first)}.` })
  }
  return withoutBlankStart(textWithout(line, textStart, line.text.length, reading.named)) || undefined
}

function setText(reading: Reading, text: string, primary: string | undefined): void {
  if (primary === undefined) {
    reading.problems.push({ path: '', message: `There is no place for ${shown(text)}; name the input it is for.` })
  } else if (reading.values.has(primary)) {
    reading.problems.push({ path: primary, message: `${primary} is given twice: by its name and as text.` })
  } else reading.values.set(primary, text)
}

import { readFileSync, statSync } from 'node:fs'
import { text as readAll } from 'node:stream/consumers'
import { AppError, type Problem } from '#core/errors.ts'
import type { JobDefinition } from '#core/jobs/definition.ts'
import { type Field, fieldsOf } from '#core/jobs/forms.ts'
import type { Json, JsonObject } from '#core/json.ts'
import { INPUTS_MAX_BYTES } from '#core/runs/prepare.ts'
import { coerceText } from '#core/schema-check.ts'
import { messageOf } from './output.ts'

/** A job's inputs as they stand on a command line. */
export interface GivenInputs {
  /** `name=value` where the name is an input; everything else together is the main input; `-` is standard input. */
  words: readonly string[]
  /** `name=value`. */
  inputs: readonly string[]
  /** `name=path`, or a path alone for the main input. */
  files: readonly string[]
  /** The input that standard input is for; true is the main one. */
  stdin?: string | true
}

/**
 * Reads files and standard input and makes of every text what its input's schema says. What does not fit is left as
 * text: the job says it in its own words. Refused (`bad_input`) with every name that is unknown or given twice at once.
 */
export async function readInputs(
  definition: Pick<JobDefinition, 'inputSchema' | 'primaryInput'>,
  given: GivenInputs,
  stdin: NodeJS.ReadableStream,
): Promise<JsonObject> {
  const gathered = new Gathered(fieldsOf(definition))
  const rest: string[] = []
  for (const word of given.words) if (!gathered.takePair(word) && word !== '-') rest.push(word)
  for (const pair of given.inputs) if (!gathered.takePair(pair)) gathered.refusePair(pair)
  for (const file of given.files) gathered.takeFile(file)
  if (rest.length > 0) gathered.set(gathered.primary, rest.join(' '))
  if (given.stdin !== undefined || given.words.includes('-')) {
    const name = typeof given.stdin === 'string' ? given.stdin : gathered.primary
    gathered.set(name, await readAll(stdin))
  }
  return gathered.values()
}

class Gathered {
  readonly #fields: ReadonlyMap<string, Field>
  readonly #values = new Map<string, Json>()
  readonly #problems: Problem[] = []

  constructor(fields: readonly Field[]) {
    this.#fields = new Map(fields.map((field) => [field.name, field]))
  }

  get primary(): string | undefined {
    return [...this.#fields.values()].find(({ primary }) => primary)?.name
  }

  set(name: string | undefined, text: string): void {
    if (name === undefined)
      return void this.#refuse('', 'No input takes free text; say which one it is for: name=value')
    const field = this.#fields.get(name)
    if (!field) return void this.#refuse(name, `There is no input ${name}. ${this.#known()}`)
    if (this.#values.has(name)) return void this.#refuse(name, `${name} is given twice.`)
    this.#values.set(name, coerceText(field.schema, text) ?? text)
  }

  /** False when it is no `name=value` of a known input. */
  takePair(word: string): boolean {
    const [, name = '', value = ''] = /^([^=\s]+)=(.*)$/s.exec(word) ?? []
    if (!this.#fields.has(name)) return false
    this.set(name, value)
    return true
  }

  refusePair(pair: string): void {
    const name = pair.includes('=') ? pair.slice(0, pair.indexOf('=')) : ''
    if (name === '') return void this.#refuse('', '--input takes name=value.')
    this.#refuse(name, `There is no input ${name}. ${this.#known()}`)
  }

  takeFile(given: string): void {
    const name = given.slice(0, Math.max(0, given.indexOf('=')))
    const isNamed = this.#fields.has(name)
    const path = isNamed ? given.slice(name.length + 1) : given
    const target = isNamed ? name : this.primary
    try {
      // Before it is read: a disk image given by mistake would fill the memory first.
      if (statSync(path).size > INPUTS_MAX_BYTES)
        return void this.#refuse(target ?? '', `${path} is larger than 1 MiB.`)
      this.set(target, new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)))
    } catch (error) {
      const why = error instanceof TypeError ? 'it is not text' : messageOf(error)
      this.#refuse(target ?? '', `${path} cannot be read: ${why}`)
    }
  }

  values(): JsonObject {
    if (this.#problems.length === 0) return Object.fromEntries(this.#values)
    const list = this.#problems.map(({ message }) => message).join('\n')
    throw new AppError('bad_input', list, { problems: this.#problems })
  }

  #refuse(path: string, message: string): void {
    this.#problems.push({ path, message })
  }

  #known(): string {
    const names = [...this.#fields.keys()]
    return names.length > 0 ? `There is ${names.join(', ')}.` : 'This job takes none.'
  }
}

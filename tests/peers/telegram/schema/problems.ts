import type { BotApi, Fields, Limit, Shape } from './shape.ts'

/** Numbers of the Bot API that are no integers; the types tell only that they are numbers. */
const FRACTIONS = /(^|_)(latitude|longitude|accuracy|percentage|angle|scale|temperature|x_shift|y_shift)$/

/** What Telegram's types have against a value, each with the place where it is; none when it is what it must be. */
export class Types {
  readonly #api: BotApi

  constructor(api: BotApi) {
    this.#api = api
  }

  /** The parameters of a method; undefined when Telegram has no such method. */
  parametersOf(method: string): Fields | undefined {
    return this.#api.methods[method]
  }

  limitOf(owner: string, field: string): Limit | undefined {
    return this.#api.limits[`${owner}.${field}`]
  }

  problemsOf(value: unknown, shape: Shape, at: string): string[] {
    if (typeof shape === 'string')
      return isOfKind(value, shape, at) ? [] : [`${at} should be ${shape}, but is ${shown(value)}`]
    if ('is' in shape)
      return shape.is.includes(value as string) ? [] : [`${at} is ${shown(value)}, which is none of its values`]
    if ('list' in shape) {
      if (!Array.isArray(value)) return [`${at} should be a list, but is ${shown(value)}`]
      return value.flatMap((item, index) => this.problemsOf(item, shape.list, `${at}[${index}]`))
    }
    if ('oneOf' in shape) return this.#best(value, shape.oneOf, at)
    const named = this.#api.objects[shape.object]
    if (named === undefined) throw new Error(`Telegram has no ${shape.object}`)
    return isShape(named) ? this.problemsOf(value, named, at) : this.#inFields(value, shape.object, named, at)
  }

  /** Of several that do not fit, the one that it comes nearest to says what is wrong. */
  #best(value: unknown, shapes: readonly Shape[], at: string): string[] {
    const each = shapes.map((shape) => this.problemsOf(value, shape, at))
    return each.toSorted((one, other) => one.length - other.length)[0] ?? []
  }

  #inFields(value: unknown, owner: string, fields: Fields, at: string): string[] {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return [`${at} should be a ${owner}, but is ${shown(value)}`]
    }
    const given = value as Record<string, unknown>
    const problems = Object.keys(given)
      .filter((name) => !(name in fields) && !(`${name}?` in fields))
      .map((name) => `${at} has unknown field "${name}"`)
    for (const [key, shape] of Object.entries(fields)) {
      const name = key.replace('?', '')
      const own = given[name]
      if (own === undefined) {
        if (name === key) problems.push(`${at}.${name} is missing`)
        continue
      }
      problems.push(...this.problemsOf(own, shape, `${at}.${name}`), ...this.beyondLimit(own, owner, name, at))
    }
    return problems
  }

  /** What is said to be `1-64 bytes` and is not. */
  beyondLimit(value: unknown, owner: string, field: string, at: string): string[] {
    const [least, most, unit] = this.limitOf(owner, field) ?? []
    if (least === undefined || most === undefined || typeof value !== 'string') return []
    const size = unit === 'bytes' ? Buffer.byteLength(value) : [...value].length
    return size >= least && size <= most ? [] : [`${at}.${field} has ${size} ${unit}; ${least} to ${most} are allowed`]
  }
}

const isShape = (named: Fields | Shape): named is Shape =>
  typeof named === 'string' || Array.isArray((named as { oneOf?: unknown }).oneOf)

function isOfKind(value: unknown, kind: Exclude<Shape, object>, at: string): boolean {
  switch (kind) {
    case 'any':
      return true
    case 'nothing':
    case 'file':
      return false
    case 'number':
      return typeof value === 'number' && (Number.isSafeInteger(value) || FRACTIONS.test(at))
    case 'string':
      return typeof value === 'string'
    case 'boolean':
      return typeof value === 'boolean'
  }
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 60)

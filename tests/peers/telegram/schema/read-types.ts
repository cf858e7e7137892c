import { join } from 'node:path'
import { API, type Checker, type Symbol as Named, SymbolFlags, type Type, TypeFlags } from 'typescript/unstable/sync'
import type { BotApi, Fields, Limit, Shape } from './shape.ts'

const HERE = import.meta.dirname
const SIGNATURE_CALL = 0
const YES = JSON.stringify({ is: [true] })
const NO = JSON.stringify({ is: [false] })

/** What Telegram's methods take, as the types of `grammy/types` say it, with every object that may be in it. */
export function readTypes(): BotApi {
  const api = new API({ cwd: HERE })
  try {
    const config = join(HERE, 'tsconfig.json')
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config)
    if (!project) throw new Error('The types of Telegram cannot be opened')
    const source = join(HERE, 'source.ts')
    return new Reader(project.checker).read(source, project.checker)
  } finally {
    api.close()
  }
}

class Reader {
  readonly #checker: Checker
  readonly #objects: BotApi['objects'] = {}
  readonly #limits: BotApi['limits'] = {}
  readonly #choices = new Map<number, { name: string; isUsed: boolean }>()
  /** Two types of one name: the later has a number behind it. */
  readonly #names = new Map<number, string>()

  constructor(checker: Checker) {
    this.#checker = checker
  }

  read(source: string, checker: Checker): BotApi {
    const alias = checker.resolveName('Methods', SymbolFlags.TypeAlias, { document: source, position: 0 })
    if (!alias) throw new Error('source.ts has no Methods')
    const methods: Record<string, Fields> = {}
    for (const method of checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(alias))) {
      methods[method.name] = this.#parameters(method)
    }
    return { methods: sorted(methods), objects: sorted(this.#objects), limits: sorted(this.#limits) }
  }

  #parameters(method: Named): Fields {
    const checker = this.#checker
    const type = checker.getTypeOfSymbol(method)
    const [signature] = type ? checker.getSignaturesOfType(type, SIGNATURE_CALL) : []
    if (!signature) throw new Error(`${method.name} cannot be called`)
    const given = signature.getParameters()[0]
    const args = given && checker.getTypeOfSymbol(given)
    return args ? this.#fields(method.name, checker.getNonNullableType(args) ?? args) : {}
  }

  #fields(owner: string, type: Type): Fields {
    const fields: Fields = {}
    for (const property of this.#checker.getPropertiesOfType(type)) {
      const isOptional = (property.flags & SymbolFlags.Optional) !== 0
      const own = this.#checker.getTypeOfSymbol(property)
      if (!own) throw new Error(`${property.name} has no type`)
      const limit = limitOf(property.getDocumentationComment(this.#checker))
      if (limit) this.#limits[`${owner}.${property.name}`] = limit
      fields[isOptional ? `${property.name}?` : property.name] = this.#shape(own)
    }
    return sorted(fields)
  }

  #shape(type: Type): Shape {
    if (type.flags & TypeFlags.Any || type.flags & TypeFlags.Unknown) return 'any'
    if (type.flags & TypeFlags.Undefined) return 'nothing'
    if (type.flags & TypeFlags.Boolean) return 'boolean'
    if (type.isLiteralType()) return { is: [type.value as string | number | boolean] }
    if (type.flags & TypeFlags.String) return 'string'
    if (type.flags & TypeFlags.Number) return 'number'
    if (type.flags & TypeFlags.NonPrimitive) return 'any'
    if (type.flags & TypeFlags.Never) return 'nothing'
    if (type.isUnionType()) return this.#named(type, () => this.#union(type.getTypes() ?? []))
    if (this.#checker.isArrayLikeType(type)) return { list: this.#shape(this.#element(type)) }
    if (type.isIntersectionType() && (type.getTypes() ?? []).some(({ flags }) => flags & TypeFlags.StringLike))
      return 'string'
    if (type.isTemplateLiteralType()) return 'string'
    return this.#object(type)
  }

  #element(type: Type): Type {
    const own = type.isTypeReference() ? this.#checker.getTypeArguments(type)[0] : undefined
    if (!own) throw new Error(`${this.#checker.typeToString(type)} is a list of nothing known`)
    return own
  }

  /** A choice that has itself in it is kept by its name; any other stands where it is used. */
  #named(type: Type, make: () => Shape): Shape {
    const own = this.#choices.get(type.id)
    if (own) {
      own.isUsed = true
      return { object: own.name }
    }
    const name = type.getAliasSymbol()?.name ?? 'Choice'
    const choice = { name, isUsed: false }
    this.#choices.set(type.id, choice)
    const shape = make()
    if (choice.isUsed) this.#objects[name] = shape
    else this.#choices.delete(type.id)
    return choice.isUsed ? { object: name } : shape
  }

  #union(types: readonly Type[]): Shape {
    const shapes = types.map((one) => this.#shape(one)).filter((one) => one !== 'nothing')
    const plain = new Map(shapes.map((one) => [JSON.stringify(one), one]))
    // TypeScript keeps a boolean as its two values.
    if (plain.has(YES) && plain.has(NO)) {
      plain.delete(YES)
      plain.delete(NO)
      plain.set('boolean', 'boolean')
    }
    const values = [...plain.values()].flatMap((one) => (typeof one === 'object' && 'is' in one ? one.is : []))
    const others = [...plain.values()].filter((one) => typeof one !== 'object' || !('is' in one))
    const [only, ...more] = values.length > 0 ? [...others, { is: values }] : others
    if (only === undefined) return 'nothing'
    return more.length === 0 ? only : { oneOf: [only, ...more] }
  }

  #object(type: Type): Shape {
    const symbol = type.getAliasSymbol() ?? type.getSymbol()
    if (symbol?.name === 'InputFile') return 'file'
    const known = this.#names.get(type.id)
    if (known !== undefined) return { object: known }
    const wanted = symbol && !symbol.name.startsWith('__') ? symbol.name : 'Object'
    let name = wanted
    for (let number = 2; name in this.#objects; number++) name = `${wanted}${number}`
    this.#names.set(type.id, name)
    this.#objects[name] = {}
    this.#objects[name] = this.#fields(name, type)
    return { object: name }
  }
}

/** Where the description of a field says how long it may be. */
function limitOf(description: string): Limit | undefined {
  const [, least, most, unit] = /\b(\d+)-(\d+) (characters|bytes)/.exec(description) ?? []
  return unit ? [Number(least), Number(most), unit as Limit[2]] : undefined
}

const sorted = <T>(given: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(given).toSorted(([a], [b]) => (a < b ? -1 : 1)))

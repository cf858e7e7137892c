import { refuse } from './errors.ts'

/** A call's parameters as Telegram holds them: every one a string, structures as JSON text. */
export class Args {
  readonly #values: ReadonlyMap<string, string>
  readonly #given: ReadonlyMap<string, unknown>

  constructor(values: ReadonlyMap<string, string>, given: ReadonlyMap<string, unknown> = values) {
    this.#values = values
    this.#given = given
  }

  /** As it came: of a JSON body the value itself. */
  given(name: string): unknown {
    return this.#given.get(name) ?? this.#values.get(name)
  }

  names(): string[] {
    return [...this.#values.keys()]
  }

  text(name: string): string {
    return this.#values.get(name) ?? ''
  }

  int(name: string, otherwise = 0): number {
    const text = this.text(name)
    if (text === '') return otherwise
    // Telegram reads the digits at the front and takes the rest for nothing.
    return Number(/^-?\d+/.exec(text)?.[0] ?? 0)
  }

  intWithin(name: string, otherwise: number, lowest: number, highest: number): number {
    return Math.min(highest, Math.max(lowest, this.int(name, otherwise)))
  }

  bool(name: string): boolean {
    return ['true', 'yes', '1'].includes(this.text(name).trim().toLowerCase())
  }

  /** Undefined when absent or empty; refuses with `complaint` when it is no JSON. */
  json(name: string, complaint: string): unknown {
    const text = this.text(name)
    if (text === '') return undefined
    try {
      return JSON.parse(text) as unknown
    } catch {
      throw refuse(complaint)
    }
  }
}

import {
  type Compilable,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { type Dialect, type Executed, executor, type Reader } from './db.ts'
import type { Schema } from './schema.ts'

/** Stands in a query for a value that comes with each call. */
class Parameter {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

type Build<P, R> = (query: Kysely<Schema>, parameters: P, dialect: Dialect) => Compilable<R>

interface Compiled {
  sql: string
  /** A name to be looked up in the call's parameters, or a constant of the query. */
  slots: (Parameter | unknown)[]
}

const builders: Record<Dialect, Kysely<Schema>> = {
  sqlite: new Kysely<Schema>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  }),
  postgres: new Kysely<Schema>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  }),
}

let statements = 0

/** One SQL statement: built and compiled once per dialect, run as a prepared statement. */
export class Statement<P, R> {
  readonly id: number
  readonly #build: Build<P, R>
  readonly #compiled: Partial<Record<Dialect, Compiled>> = {}

  constructor(build: Build<P, R>) {
    this.id = ++statements
    this.#build = build
  }

  sql(dialect: Dialect): string {
    return this.#compile(dialect).sql
  }

  all(on: Reader, parameters: P): Promise<R[]> {
    return this.#execute(on, parameters, rowsOf<R>)
  }

  first(on: Reader, parameters: P): Promise<R | undefined> {
    return this.#execute(on, parameters, firstOf<R>)
  }

  /** Number of rows written. */
  run(on: Reader, parameters: P): Promise<number> {
    return this.#execute(on, parameters, changesOf)
  }

  #execute<T>(on: Reader, parameters: P, pick: (executed: Executed) => T): Promise<T> {
    try {
      const { slots } = this.#compile(on.dialect)
      const values = new Array<unknown>(slots.length)
      for (let index = 0; index < slots.length; index++) {
        const slot = slots[index]
        values[index] = slot instanceof Parameter ? parameterOf(parameters, slot.name) : slot
      }
      const executed = on[executor].execute(this, values)
      return executed instanceof Promise ? executed.then(pick) : Promise.resolve(pick(executed))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #compile(dialect: Dialect): Compiled {
    return (this.#compiled[dialect] ??= this.#compileNow(dialect))
  }

  #compileNow(dialect: Dialect): Compiled {
    const parameters = new Proxy({}, { get: (_, name) => new Parameter(String(name)) }) as P
    const { sql, parameters: slots } = this.#build(builders[dialect], parameters, dialect).compile()
    return dialect === 'sqlite' ? steady(sql, slots) : { sql, slots: [...slots] }
  }
}

/**
 * SQLite plans a statement anew for every call when it believes that the values could matter to the plan: wherever a bare
 * `?` stands in a statement that sorts, groups or has a limit. That takes ten times as long as most statements. A plus
 * before the `?` changes nothing but that. What is the same in every call is written out: it need not be bound each time.
 */
function steady(sql: string, slots: readonly unknown[]): Compiled {
  const [first = '', ...parts] = sql.split('?')
  if (parts.length !== slots.length) return { sql, slots: [...slots] }
  const bound: unknown[] = []
  let text = first
  for (const [index, part] of parts.entries()) {
    const literal = literalOf(slots[index])
    if (literal === undefined) bound.push(slots[index])
    text += (literal ?? '+?') + part
  }
  return { sql: text, slots: bound }
}

function literalOf(value: unknown): string | undefined {
  if (value === null) return 'null'
  if (Number.isSafeInteger(value) || typeof value === 'bigint') return `${value}`
  if (typeof value === 'string' && /^[\w ]*$/.test(value)) return `'${value}'`
  return undefined
}

const rowsOf = <R>({ rows }: Executed): R[] => rows as R[]
const firstOf = <R>({ rows }: Executed): R | undefined => rows[0] as R | undefined
const changesOf = ({ changes }: Executed): number => changes

function parameterOf(parameters: unknown, name: string): unknown {
  const value = (parameters as Record<string, unknown>)[name]
  return value === undefined ? null : value
}

/**
 * Defines a statement. The parameters' type is written at the builder's second argument; inside, `p.name` is a placeholder
 * that may stand wherever a value may, and must not be looked at. A missing parameter is NULL.
 */
export const statement = <P, R>(build: Build<P, R>): Statement<P, R> => new Statement(build)

/** A query whose shape depends on the call (filters of lists): compiled each time, still with bound values. */
export async function query<R>(on: Reader, build: (query: Kysely<Schema>) => Compilable<R>): Promise<R[]> {
  const { sql, parameters } = build(builders[on.dialect]).compile()
  return (await on[executor].executeText(sql, parameters)).rows as R[]
}

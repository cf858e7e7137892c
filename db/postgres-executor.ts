import pg from 'pg'
import { decodeIntegers } from './codec.ts'
import type { Executed, Executor, Preparable } from './db.ts'

const INT8 = 20
const NUMERIC = 1700

const asText = (value: string): string => value
/** 64-bit integers and sums stay text until the column's name says what they are; see codec.ts. */
export const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 || oid === NUMERIC ? asText : pg.types.getTypeParser(oid, format as 'text'),
} as unknown as pg.CustomTypesConfig

/** A connection, or any of a pool's. */
export interface Queryable {
  query(config: pg.QueryConfig): Promise<pg.QueryResult>
}

/** Statements on one connection, or on any of a pool's. */
export class PostgresExecutor implements Executor {
  readonly dialect = 'postgres'
  readonly #client: Queryable

  constructor(client: Queryable) {
    this.#client = client
  }

  async execute(statement: Preparable, values: unknown[]): Promise<Executed> {
    return this.#query({ name: `s${statement.id}`, text: statement.sql('postgres'), values })
  }

  async executeText(text: string, values: readonly unknown[]): Promise<Executed> {
    return this.#query({ text, values: [...values] })
  }

  async #query(config: pg.QueryConfig): Promise<Executed> {
    const result = await this.#client.query(config)
    const integers = result.fields.filter(({ dataTypeID }) => dataTypeID === INT8 || dataTypeID === NUMERIC)
    if (integers.length > 0) {
      decodeIntegers(
        result.rows,
        integers.map(({ name }) => name),
        'string',
      )
    }
    return { rows: result.rows, changes: result.rowCount ?? 0 }
  }
}

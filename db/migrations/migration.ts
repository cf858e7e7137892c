import type { Dialect } from '../db.ts'

export interface Migration {
  name: string
  /** Statements in order. `{int}`, `{id}`, `{blob}`, `{table}` and `{keyed}` become what the database calls them. */
  up(dialect: Dialect): string[]
  down(dialect: Dialect): string[]
}

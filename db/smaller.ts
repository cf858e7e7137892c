import { sql } from 'kysely'
import type { Dialect } from './db.ts'

/** The smaller of two values. */
export const smaller = (dialect: Dialect) => sql.raw(dialect === 'sqlite' ? 'min' : 'least')

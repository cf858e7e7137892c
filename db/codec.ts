import type { Row } from './db.ts'

/**
 * One rule for integers on both databases, by the column's name: `…_micros` is money and a bigint,
 * every other integer is a number. (better-sqlite3 would round big ones, pg gives text.)
 */
export const isMoneyColumn = (name: string): boolean => name.endsWith('_micros')

/**
 * Turns what a driver gave for 64-bit integers (`raw`: bigint from SQLite, text from Postgres) into what the column's
 * name promises. Changes the rows in place.
 */
export function decodeIntegers(rows: Row[], columns: readonly string[], raw: 'bigint' | 'string'): void {
  for (const row of rows) {
    for (const column of columns) {
      const value = row[column]
      if (typeof value === raw) row[column] = isMoneyColumn(column) ? BigInt(value as string) : Number(value)
    }
  }
}

import { type Db, executor, type Tx } from '#db/db.ts'
import type { Json, JsonObject } from '../json.ts'

/**
 * Which rules led to something, the first one first. Everything written because of a rule is written through a database that
 * knows it, so that each of its events says so; and a rule never fires on what it has led to itself.
 */
export type Cause = readonly string[]

/** The database as seen by what rules have led to. */
export const causedBy = (db: Db, cause: Cause): Db => ({
  dialect: db.dialect,
  [executor]: db[executor],
  write(body, options) {
    async function causedBody(tx: Tx) {
      tx.cause = cause
      return body(tx)
    }
    // A body that misbehaves is called by its own name.
    return db.write(Object.defineProperty(causedBody, 'name', { value: body.name }), options)
  },
  onChange: (listener) => db.onChange(listener),
  close: () => db.close(),
})

export const withCause = (details: JsonObject, cause: Cause): JsonObject => ({ ...details, causedBy: [...cause] })

/** The rules that led to an event, as it says itself. Others may have written it: what is none is left out. */
export function causeIn(details: Json): string[] {
  const said = typeof details === 'object' && details !== null && !Array.isArray(details) ? details.causedBy : undefined
  if (!Array.isArray(said)) return []
  return said.filter((one): one is string => typeof one === 'string' && one.startsWith('rule_'))
}

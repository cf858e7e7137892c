import { defineCheck } from './lookup.ts'

/** What was acknowledged is stored, and what was delivered again is not stored again. */
export const everyUpdateStoredOnce = defineCheck('everyUpdateStoredOnce', ({ tables, updateIds, botId }, found) => {
  const stored = Map.groupBy(tables.inbox, ({ delivery_id }) => delivery_id)
  for (const id of updateIds) {
    const times = stored.get(`${botId}:${id}`)?.length ?? 0
    if (times !== 1) found(`Update ${id} is stored ${times} times`)
  }
  if (tables.inbox.length !== updateIds.length) found(`${tables.inbox.length} are stored of ${updateIds.length} sent`)
})

/** Nothing is left lying that nobody will ever look at. */
export const nothingWaits = defineCheck('nothingWaits', ({ tables }, found) => {
  for (const { seq, status, delivery_id } of tables.inbox) {
    if (status !== 'done') found(`Update ${delivery_id} (${seq}) is ${status}`)
  }
  for (const { seq, status, cause, card_key, last_error } of tables.outbox) {
    if (status !== 'sent') found(`${card_key ?? 'A message'} (${seq}) for ${cause} is ${status}: ${last_error}`)
  }
  for (const { key, token } of tables.work_item) found(`The work ${key} is ${token === null ? 'waiting' : 'claimed'}`)
  if (tables.queued !== 0) found(`${tables.queued} items are in the queue`)
})

export const noErrorsLogged = defineCheck('noErrorsLogged', ({ errors }, found) => {
  for (const line of errors) found(line)
})

/** What stands behind the program: rows that it never writes are refused by the database itself. */
export const databaseRefuses = defineCheck('databaseRefuses', ({ guards }, found) => {
  for (const { name, refused } of guards) if (!refused) found(`The database lets it happen that ${name}`)
})

export const soundFile = defineCheck('soundFile', ({ tables }, found) => {
  if (tables.integrity !== 'ok') found(tables.integrity)
})

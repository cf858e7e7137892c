import { describe, expect, it } from 'vitest'
import { appendEvents } from '#core/events/append.ts'
import type { Db, Tx } from '#db/db.ts'
import { listEventsOf } from '#db/events.ts'
import { findRun } from '#db/runs.ts'
import { nextDueWork, removeCleanItem } from '#db/work-items.ts'
import { createDatabase, DIALECTS } from '#tests/support/database.ts'

const note = (tx: Tx, type: string): Promise<void> =>
  appendEvents(tx, 1, [{ type, actor: 'test', context: null, subject: 's' }])
const notes = async (db: Db): Promise<string[]> =>
  (await listEventsOf.all(db, { subject: 's', after: 0, limit: 100 })).map(({ type }) => type)

describe.each(DIALECTS)('reading on %s', (dialect) => {
  it('sees what is committed, and never what is only written', async () => {
    const { db, drop } = await createDatabase(dialect)
    await db.write((tx) => note(tx, 'before'))
    const seen: string[][] = []
    const look = async (): Promise<void> => void seen.push(await notes(db))
    const looks: Promise<void>[] = []
    await db.write(async function writesTwice(tx) {
      await note(tx, 'one')
      // Others go on while a batch is open; they must not see into it.
      looks.push(look())
      await note(tx, 'two')
      looks.push(look())
    })
    await Promise.all(looks)
    expect(seen.every((types) => types.join() === 'before' || types.join() === 'before,one,two')).toBe(true)
    // On Postgres a look may come after the commit all the same.
    if (dialect === 'sqlite') expect(seen[0]).toEqual(['before'])
    expect(await notes(db)).toEqual(['before', 'one', 'two'])
    await drop()
  })

  it('keeps the order of many events written at once, and texts of any kind', async () => {
    const { db, drop } = await createDatabase(dialect)
    const events = Array.from({ length: 30 }, (_, index) => ({
      type: `n${index}`,
      actor: `it's ? "${index}"`,
      context: index % 2 ? null : 'user:x',
      subject: 's',
      details: { text: 'a ? b \u0001 ☃', index },
    }))
    await db.write((tx) => appendEvents(tx, 7, events))
    const rows = await listEventsOf.all(db, { subject: 's', after: 0, limit: 100 })
    expect(rows.map(({ type, actor, context }) => ({ type, actor, context }))).toEqual(
      events.map(({ type, actor, context }) => ({ type, actor, context })),
    )
    expect(rows.map(({ details_json }) => JSON.parse(details_json))).toEqual(events.map(({ details }) => details))
    await drop()
  })
})

it('refuses to write outside db.write', async () => {
  const { db, drop } = await createDatabase('sqlite')
  await expect(removeCleanItem.run(db, { key: 'k', token: 't' })).rejects.toThrow('What writes belongs into db.write')
  await drop()
})

it('binds no value in a way that has SQLite plan a statement anew for each', () => {
  for (const one of [listEventsOf, nextDueWork, findRun]) expect(one.sql('sqlite')).not.toMatch(/[^+]\?/)
  // What is the same in every call is part of the text.
  expect(nextDueWork.sql('sqlite')).toMatch(/limit 1$/)
  expect(nextDueWork.sql('postgres')).toMatch(/limit \$\d$/)
})

import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { appendEvents } from '#core/events/append.ts'
import { type Db, executor, type Tx } from '#db/db.ts'
import { listEventsOf } from '#db/events.ts'
import { createDatabase, DIALECTS, type TestDatabase } from '#tests/support/database.ts'

const note = (tx: Tx, subject: string, type = 'noted'): Promise<void> =>
  appendEvents(tx, 1, [{ type, actor: 'test', context: null, subject }])
const notes = async (db: Db, subject: string): Promise<string[]> =>
  (await listEventsOf.all(db, { subject, after: 0, limit: 1_000 })).map(({ type }) => type)

describe.each(DIALECTS)('db.write on %s', (dialect) => {
  let database: TestDatabase
  afterEach(() => database.drop())

  it('undoes a body that throws, and none of those beside it', async () => {
    database = await createDatabase(dialect)
    const { db } = database
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) =>
        db.write(async function one(tx) {
          await note(tx, 's', `n${index}`)
          if (index % 3 === 0) throw new Error(`no ${index}`)
          return index
        }),
      ),
    )
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(17)
    expect(await notes(db, 's')).toHaveLength(33)
  })

  it('runs what was asked for after the commit, and not after a rollback', async () => {
    database = await createDatabase(dialect)
    const seen: string[] = []
    const bodies = ['kept', 'undone'].map((name) =>
      database.db.write(async function one(tx) {
        await note(tx, name)
        tx.afterCommit(() => seen.push(name))
        if (name === 'undone') throw new Error('no')
      }),
    )
    await Promise.allSettled(bodies)
    expect(seen).toEqual(['kept'])
  })

  it('keeps a transaction to its body', async () => {
    database = await createDatabase(dialect)
    let escaped: Tx | undefined
    await database.db.write(async function escapes(tx) {
      escaped = tx
      await note(tx, 'in')
    })
    await expect(note(escaped as Tx, 'out')).rejects.toThrow()
    expect(await notes(database.db, 'out')).toEqual([])
  })

  it('tells listeners of what others commit, too', async () => {
    database = await createDatabase(dialect)
    const { openDatabase } = await import('#db/open.ts')
    const other = await openDatabase(database.url, { synchronous: 'OFF' })
    let heard = 0
    const stop = database.db.onChange((origin) => {
      if (origin === 'elsewhere') heard++
    })
    await sleep(1_200)
    heard = 0
    await other.write((tx) => note(tx, 'x'))
    await sleep(900)
    expect(heard).toBeGreaterThan(0)
    stop()
    await other.close()
  })
})

it('names a body that waits for the world, and undoes it', async () => {
  const database = await createDatabase('sqlite')
  await expect(
    database.db.write(async function callsOut(tx) {
      await note(tx, 's')
      await sleep(5)
    }),
  ).rejects.toThrow('callsOut')
  expect(await notes(database.db, 's')).toEqual([])
  await database.drop()
})

it('commits with FULL unless a test says otherwise', async () => {
  const database = await createDatabase('sqlite')
  const { openSqlite } = await import('#db/sqlite.ts')
  const db = openSqlite(database.url.slice('sqlite:'.length))
  const synchronous = await db.write(async (tx) => tx[executor].executeText('PRAGMA synchronous', []))
  expect(synchronous.rows).toEqual([{ synchronous: 2 }])
  await db.close()
  await database.drop()
})

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createDatabase } from '#tests/support/database.ts'
import { photographPostgres, photographSqlite, SNAPSHOTS } from '#tests/support/snapshot.ts'

it('the photographed SQLite schema is the one the migrations make', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'muster-snapshot-'))
  expect(await photographSqlite(join(directory, 'muster.db'))).toBe(readFileSync(SNAPSHOTS.sqlite, 'utf8'))
  rmSync(directory, { recursive: true })
})

it('the photographed Postgres schema is the one the migrations make', async () => {
  const database = await createDatabase('postgres')
  expect(await photographPostgres(database.url)).toBe(readFileSync(SNAPSHOTS.postgres, 'utf8'))
  await database.drop()
})

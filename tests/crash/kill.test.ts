import { describe, expect, inject, it } from 'vitest'
import { DIALECTS } from '#tests/support/database.ts'
import { postgresDatabase, sqliteDatabase } from './database.ts'
import { tellStory } from './story.ts'

const SEED = 20_261_120
/** Sixty runs, ten kills, and on Postgres half a minute until a dead process's leases end. */
const TIMEOUT_MS = 240_000

describe.each(DIALECTS)('killed again and again on %s', (dialect) => {
  it('loses nothing and does nothing twice', { timeout: TIMEOUT_MS }, async () => {
    const database = dialect === 'sqlite' ? sqliteDatabase() : await postgresDatabase(inject('postgresUrl'))
    const { findings, kills } = await tellStory(database, { runs: 60, kills: 10, seed: SEED })
    expect(findings).toEqual([])
    expect(kills).toHaveLength(10)
  })
})

import { describe, expect, inject, it } from 'vitest'
import { DIALECTS } from '#tests/support/database.ts'
import { postgresDatabase, sqliteDatabase } from './database.ts'
import { tellStory } from './story.ts'

const SEED = 20_261_120
/** Sixty kills together; `npm run torture` has hundreds, and each commit and call in turn. */
const KILLS = { sqlite: 40, postgres: 20 } as const
const RUNS_PER_KILL = 4
/** Shorter than usual: at the end, what a dead process held has to be waited for. */
const LEASE_MS = 3_000
const TIMEOUT_MS = 600_000

describe.each(DIALECTS)('ended again and again on %s', (dialect) => {
  const newDatabase = async () => (dialect === 'sqlite' ? sqliteDatabase() : postgresDatabase(inject('postgresUrl')))

  it('loses nothing and does nothing twice, wherever it is killed', { timeout: TIMEOUT_MS }, async () => {
    const [kills, nodes] = [KILLS[dialect], 2]
    const story = { runs: RUNS_PER_KILL * kills, kills, nodes, seed: SEED, leaseMs: LEASE_MS }
    const report = await tellStory(await newDatabase(), story)
    expect(report.findings).toEqual([])
    expect(report.kills).toHaveLength(kills)
  })
})

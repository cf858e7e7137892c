import { describe, expect, inject, it } from 'vitest'
import { postgresDatabase, sqliteDatabase } from '#tests/crash/database.ts'
import { tellStory } from '#tests/crash/story.ts'
import { DIALECTS } from '#tests/support/database.ts'

/** Two processes that may poll, of which one does; and a Telegram that refuses two at once. */
describe.each(DIALECTS)('two processes that poll, killed again and again, on %s', (dialect) => {
  it('lose no message and handle none twice', { timeout: 180_000 }, async () => {
    const database = dialect === 'sqlite' ? sqliteDatabase() : await postgresDatabase(inject('postgresUrl'))
    const { findings } = await tellStory(database, {
      runs: 15,
      kills: 3,
      nodes: 2,
      mode: 'polling',
      leaseMs: 2_000,
      seed: 20_261_126,
    })
    expect(findings).toEqual([])
  })
})

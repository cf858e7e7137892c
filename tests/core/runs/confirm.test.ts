import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAccountByOperator } from '#core/accounts/create.ts'
import type { Actor } from '#core/actor.ts'
import { contextKey, personal } from '#core/context.ts'
import { checkLedger } from '#core/economy/check.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { confirmRun, declineRun, startRun } from '#core/runs/confirm.ts'
import { findRuns } from '#core/runs/read.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World } from '#tests/support/world.ts'

describe.each(DIALECTS)('a question before a run, on %s', (dialect) => {
  let world: World
  let ada: Actor
  beforeEach(async () => {
    world = await createWorld(dialect, { settings: { confirmAboveMicros: 0n } })
    await seedShipped(world.core)
    const { id } = await createAccountByOperator(world.core, { handle: 'ada', admin: false })
    ada = { accountId: id, handle: 'ada', platformRole: 'user', channel: 'web', context: personal(id) }
  })
  afterEach(() => world.end())

  async function ask(): Promise<string> {
    const started = await startRun(world.core, ada, { target: { tool: 'docs.lint' }, inputs: { text: '# A' } })
    if (!('ask' in started)) throw new Error('It was not asked')
    return started.ask.code
  }
  const outcomeOf = async (doing: Promise<unknown>): Promise<string> =>
    doing.then(
      () => 'done',
      (refusal: { code?: string }) => refusal.code ?? String(refusal),
    )

  it('has one answer, also when yes, yes and no come at the same moment', async () => {
    let started = 0
    let declined = 0
    for (let repeat = 0; repeat < 10; repeat++) {
      const code = await ask()
      const outcomes = await Promise.all([
        outcomeOf(declineRun(world.core, ada, code)),
        outcomeOf(confirmRun(world.core, ada, { code })),
        outcomeOf(confirmRun(world.core, ada, { code })),
      ])
      expect(outcomes.toSorted()).toEqual(['conflict', 'conflict', 'done'])
      if (outcomes[0] === 'done') declined += 1
      else started += 1
    }
    expect((await findRuns(world.core, ada, { limit: 50 })).items).toHaveLength(started)
    const events = await query(world.core.db, (q) =>
      q
        .selectFrom('event')
        .select('type')
        .where('type', '=', 'run.declined')
        .where('context', '=', contextKey(ada.context)),
    )
    expect(events).toHaveLength(declined)
    expect(await checkLedger(world.core)).toMatchObject({ sound: true })
  })

  // Where there is one writer at a time, nothing comes in between.
  const alsoIt = dialect === 'postgres' ? it : () => {}
  alsoIt('refuses a no that was read before, and written after, the yes', async () => {
    const code = await ask()
    const other = new pg.Client({ connectionString: world.databaseUrl })
    await other.connect()
    const waiting = (count: number): Promise<void> =>
      eventually(async () => {
        await other.query('select pg_stat_clear_snapshot()')
        const { rows } = await other.query(
          `select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )
        expect(rows[0].count).toBe(count)
      })
    await other.query('begin')
    await other.query(`select 1 from secret_code where kind = 'confirm' for update`)
    const answers = [outcomeOf(confirmRun(world.core, ada, { code }))]
    try {
      await waiting(1)
      answers.push(outcomeOf(declineRun(world.core, ada, code)))
      await waiting(2)
    } finally {
      await other.query('commit')
      await other.end()
    }
    expect(await Promise.all(answers)).toEqual(['done', 'conflict'])
    expect((await findRuns(world.core, ada, { limit: 50 })).items).toHaveLength(1)
  })
})

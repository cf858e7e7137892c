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
})

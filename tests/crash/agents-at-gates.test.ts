import { afterEach, describe, expect, it } from 'vitest'
import type { Dialect } from '#db/db.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { AgentStage } from './agent-stage.ts'
import { endedOnce, endless, unharmed } from './agent-story.ts'

/** Each n-th gate. On Postgres a dead process is followed only when its lease ends, and both of them die in each round. */
const EVERY: Record<Dialect, number> = { sqlite: 3, postgres: 8 }
/** The one that goes on is ended too, a little later in its own count. */
const APART = 7
const KILLS_LEAST: Record<Dialect, number> = { sqlite: 30, postgres: 6 }

describe.each(DIALECTS)('an agent whose processes are killed, on %s', (dialect) => {
  let stage: AgentStage
  afterEach(() => stage.end())

  it('before and after each commit and call in turn: it ends as if nothing had been', {
    timeout: 1_800_000,
  }, async () => {
    stage = await AgentStage.create(dialect)
    const every = EVERY[dialect]
    const nodes = dialect === 'sqlite' ? 1 : 2
    const start = (gate: number) => stage.start(...Array.from({ length: nodes }, (_, node) => gate + node * APART))
    await stage.start(undefined)
    const before = await unharmed(stage)
    await stage.kill()
    let deaths = 0
    await start(1)
    for (let gate = 1; ; gate += every) {
      const next = () => start(gate + every)
      if (!(await endedOnce(stage, before, { where: `gate ${gate}`, kills: nodes, next }))) break
      deaths++
    }
    expect(deaths).toBeGreaterThan(KILLS_LEAST[dialect])
    expect(stage.errors).toEqual([])
  })

  it('whose model never ends: it stops at its limits, and spends no more than is held', {
    timeout: 600_000,
  }, async () => {
    stage = await AgentStage.create(dialect)
    await endless(stage, { gates: [31, 40, 23], maxCostUsd: '0.50', why: /asked its model 25 times/ })
    await endless(stage, { gates: [6, 18, 9], maxCostUsd: '0.008', why: /left/ })
    await endless(stage, { gates: [15, 3, 5], maxCostUsd: '0.004', why: /left/ })
    expect(stage.errors).toEqual([])
  })
})

import { afterEach, describe, expect, it } from 'vitest'
import { checkLedger } from '#core/economy/check.ts'
import { removeSchedule } from '#core/schedules/change.ts'
import { fireDue } from '#core/schedules/fire.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { call, createPlanScene, HOUR, nextIn, type PlanScene, planOf } from './scene.ts'

/** More than a cycle has. */
const WRITES_MOST = 40

describe.each(DIALECTS)('a cycle on %s', (dialect) => {
  let scene: PlanScene
  afterEach(async () => {
    await scene.end()
  })

  it('that is killed after any of its writes goes on, and is one cycle with one of each run', async () => {
    scene = await createPlanScene(dialect)
    await scene.endpoint('trains')
    const advice = { action: 'pause', reason: 'Quiet' }
    // It needs every road: a plan that is repaired, a call that fails, a recommendation that is asked.
    scene.model = ({ kind, atMs }) =>
      kind === 'next'
        ? nextIn(atMs, HOUR, advice)
        : planOf(call('weather'), call(kind === 'plan' ? 'nothing' : 'trains'))
    scene.server = ({ hostname }) => ({ status: hostname.startsWith('trains') ? 404 : 200, body: {} })
    let survived = false
    for (let writes = 0; !survived && writes < WRITES_MOST; writes++) {
      const { id } = await scene.make({ endpoints: ['weather', 'trains'], expiresAt: inHours(scene, 100) })
      scene.clock.advance(1_500)
      const { core, isDead } = await scene.mortal(writes)
      await fireDue(core, 0).catch(() => 0)
      survived = await eitherDeadOrDone(scene, id, isDead)
      await scene.bury()
      // Somebody else comes, when whoever died is known to have died.
      const heir = await scene.mortal(Number.POSITIVE_INFINITY)
      await fireDue(heir.core, 0)
      await scene.settled()
      await scene.bury()
      await expectOneCycle(scene, id)
      await retire(scene, id)
    }
    expect(survived).toBe(true)
    expect((await checkLedger(scene.core)).sound).toBe(true)
  }, 300_000)
})

const inHours = ({ clock }: PlanScene, hours: number): string => new Date(clock.nowMs() + hours * HOUR).toISOString()

/** Whether the cycle came to its end before its process died. */
async function eitherDeadOrDone(scene: PlanScene, id: string, isDead: () => boolean): Promise<boolean> {
  for (let looks = 1; looks < 20_000; looks++) {
    if (isDead()) return false
    const [cycle] = await scene.cycles(id)
    if (cycle && (cycle.status === 'done' || cycle.status === 'failed')) return true
    if (looks % 10 === 0) scene.clock.advance(200)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  throw new Error('It neither died nor ended')
}

async function expectOneCycle(scene: PlanScene, id: string): Promise<void> {
  const cycles = await scene.cycles(id)
  expect(cycles).toMatchObject([{ status: 'done', plan: { by: 'repaired' }, next: { by: 'model' } }])
  expect(cycles[0]?.went.filter((line) => line.startsWith('trains failed'))).toHaveLength(1)
  const runs = await query(scene.core.db, (q) =>
    q
      .selectFrom('plan_run')
      .innerJoin('run', 'run.id', 'plan_run.run_id')
      .select(['stage', 'status'])
      .where('schedule_id', '=', id)
      .orderBy('run.id'),
  )
  expect(runs.map(({ stage }) => stage)).toEqual(['plan', 'repair', 'run', 'next'])
  expect(runs.every(({ status }) => status === 'succeeded' || status === 'partially_completed')).toBe(true)
  expect(await scene.fires(id)).toMatchObject([{ status: 'started' }])
  const [source] = (await scene.view(id)).plan?.sources.filter(({ name }) => name === 'trains') ?? []
  expect(source?.health).toBe('1 of its last 1 calls failed')
  expect((await scene.view(id)).plan?.asked).toHaveLength(1)
  const events = await query(scene.core.db, (q) =>
    q.selectFrom('event').select('type').where('subject', '=', id).orderBy('seq'),
  )
  expect(events.map(({ type }) => type)).toEqual([
    'schedule.created',
    'schedule.fired',
    'schedule.cycle_moved',
    'schedule.cycle_moved',
    'schedule.cycle_moved',
    'schedule.action_asked',
    'schedule.cycle_done',
  ])
}

/** Out of the way of the next one. */
async function retire(scene: PlanScene, id: string): Promise<void> {
  await removeSchedule(scene.core, scene.ada, { id })
}

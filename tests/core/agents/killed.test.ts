import { describe, expect, it } from 'vitest'
import type { Core } from '#core/core.ts'
import { saveJob } from '#core/jobs/save.ts'
import { decideReview } from '#core/reviews/decide.ts'
import { findReviews, getReview } from '#core/reviews/read.ts'
import { getRun } from '#core/runs/read.ts'
import { workOnRun } from '#core/runs/session.ts'
import type { Dialect } from '#db/db.ts'
import { type Claim, LeaseLostError } from '#db/queue/queue.ts'
import { createWorkStore } from '#db/queue/store.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { Killed, killedAt } from '#tests/support/killed-at.ts'
import { type AgentsWorld, call, createAgentsWorld, steps } from './agents-world.ts'

/** Someone reads, is asked about a write, starts a run of its own, and is done: every kind of boundary there is. */
const SCRIPT = steps(
  {
    calls: [
      ['test_think', { what: 'a' }],
      ['test_look', { what: 'b' }],
    ],
  },
  call('test_write', { what: 'c' }),
  call('job_nested', {}),
  call('test_think', { what: 'd' }),
  'All done.',
)

async function createStage(dialect: Dialect): Promise<AgentsWorld> {
  const world = await createAgentsWorld(dialect)
  // Only the hand of the test works here.
  await world.core.queue.stop(1_000)
  const source = {
    jobId: 'nested',
    displayName: 'Nested',
    description: 'For a test.',
    inputSchema: { type: 'object', properties: {} },
    steps: [{ stepId: 'do', toolId: 'test.think', inputMappings: { what: { value: 'nested' } } }],
    outputs: { text: { step: 'do', output: 'text' } },
  }
  await saveJob(world.core, world.team.owner, { source, publish: true })
  await world.hire({ jobs: ['nested'] })
  world.models.script = SCRIPT
  return world
}

const everything = ({ kind, json }: { kind: string; json: object }): object => {
  const { mark: _, reviewId: __, childRunId: ___, ...rest } = json as Record<string, unknown>
  return { kind, ...rest }
}

/** Works on whatever is due, again and again, until the run has ended. The first process is killed as it is told. */
async function work(
  world: AgentsWorld,
  runId: string,
  kill: { at: number; when: 'before' | 'after' } | undefined,
): Promise<{ died: boolean; writes: number }> {
  const { core } = world
  const dying = kill && killedAt(core.db, kill.at, kill.when)
  let living: Core = dying ? { ...core, db: dying } : core
  let died = false
  for (let round = 0; round < 200; round++) {
    const run = await getRun(core, world.team.owner, runId)
    if (run.finishedAt !== null) return { died, writes: dying?.writes ?? 0 }
    for (const claim of await due(world)) {
      // As after a kill: the claim is still there, and whoever starts next goes on under it.
      while (
        !(await finished(living, claim, () => {
          died = true
          living = core
        }))
      ) {}
    }
    await approve(world, runId)
  }
  throw new Error('it does not end')
}

async function finished(core: Core, claim: Claim, onKill: () => void): Promise<boolean> {
  try {
    await workOnRun(core, claim, new AbortController().signal)
    return true
  } catch (error) {
    // Killed right after it had given its claim back: there is nothing to go on with.
    if (error instanceof LeaseLostError) return true
    if (!(error instanceof Killed)) throw error
    onKill()
    return false
  }
}

async function due({ core, databaseUrl }: AgentsWorld): Promise<Claim[]> {
  const { db, clock, ids } = core
  const limits = { perContext: 10, instance: null }
  const store = createWorkStore({ db, clock, limits, databaseUrl, newToken: () => ids.newSecret(), onError: () => {} })
  return (await store.claimDue('run', 10, 60_000)).filter(({ key }) => key.startsWith('run'))
}

async function approve({ core, team }: AgentsWorld, runId: string): Promise<void> {
  const { items } = await findReviews(core, team.owner, { runId, status: 'open', limit: 1 })
  for (const { id } of items) {
    const { payloadHash } = await getReview(core, team.owner, id)
    await decideReview(core, team.owner, { reviewId: id, decision: 'approve', payloadHash })
  }
}

describe.each(DIALECTS)('an agent that is killed, on %s', (dialect) => {
  it('at any write, before or after it: no finished call is repeated, and it ends as if nothing had been', async () => {
    const world = await createStage(dialect)
    const whole = await world.run('Do everything.')
    await work(world, whole, undefined)
    const expected = (await world.turns(whole)).map(everything)
    const cost = (await getRun(world.core, world.team.owner, whole)).costUsd
    expect(expected.filter((turn) => 'kind' in turn && turn.kind === 'result')).toHaveLength(5)
    let kills = 0
    for (const when of ['before', 'after'] as const) {
      for (let at = 1; ; at++) {
        world.made.length = 0
        world.models.requests.length = 0
        const runId = await world.run('Do everything.')
        const { died } = await work(world, runId, { at, when })
        if (!died) break
        kills++
        const where = `${when} write ${at}`
        expect((await world.turns(runId)).map(everything), where).toEqual(expected)
        const run = await getRun(world.core, world.team.owner, runId)
        expect(run.status, where).toBe('succeeded')
        // A question whose answer was lost is paid for as well, and all of it stays within the hold.
        expect(Number(run.costUsd), where).toBeGreaterThanOrEqual(Number(cost))
        expect(Number(run.costUsd), where).toBeLessThanOrEqual(Number(run.maxUsd))
        // At most the one that was under way is made again, and then under its own key.
        expect(world.made.length, where).toBeLessThanOrEqual(6)
        expect(new Set(world.made.map(({ key }) => key)).size, where).toBe(5)
        expect(world.models.requests.length, where).toBeLessThanOrEqual(6)
        const reviews = await query(world.core.db, (q) =>
          q.selectFrom('review').select('id').where('root_run_id', '=', runId),
        )
        expect(reviews, where).toHaveLength(1)
        const children = await query(world.core.db, (q) =>
          q.selectFrom('run').select('id').where('parent_run_id', '=', runId),
        )
        expect(children, where).toHaveLength(1)
      }
    }
    expect(kills).toBeGreaterThan(30)
    await world.end()
  }, 180_000)
})

import { describe, expect, it } from 'vitest'
import type { Core } from '#core/core.ts'
import { decideReview } from '#core/reviews/decide.ts'
import { findReviews, getReview } from '#core/reviews/read.ts'
import { workOnRun } from '#core/runs/session.ts'
import { taskOfKey } from '#core/tasks/by-agent/key.ts'
import { workOnTask } from '#core/tasks/by-agent/work.ts'
import { createTask } from '#core/tasks/create.ts'
import { getTask } from '#core/tasks/read.ts'
import type { Dialect } from '#db/db.ts'
import { type Claim, LeaseLostError } from '#db/queue/queue.ts'
import { createWorkStore } from '#db/queue/store.ts'
import { query } from '#db/statement.ts'
import { findTaskWork } from '#db/task-work.ts'
import { type AgentsWorld, call, createAgentsWorld } from '#tests/core/agents/agents-world.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { Killed, killedAt } from '#tests/support/killed-at.ts'

/** Each of its writes takes minutes; in the check before a change some of them stand for all. */
const EVERY = process.env.LONG_PROOFS === '1' ? 1 : 9

async function createStage(dialect: Dialect): Promise<AgentsWorld> {
  const world = await createAgentsWorld(dialect)
  // Only the hand of the test works here.
  await world.core.queue.stop(1_000)
  await world.hire({ permissions: { read: 'auto', write: 'auto', spend: 'auto' } }, 'max')
  world.models.script = ({ messages }, answered) =>
    answered === 0
      ? call('test_write', { what: 'the news' })
      : JSON.stringify(messages[0]).includes('Shorter')
        ? 'Two.'
        : 'One.'
  return world
}

/** Works on whatever is due until the task has ended; its result is sent back once, then approved. The first process is killed. */
async function work(world: AgentsWorld, id: string, kill?: { at: number; when: 'before' | 'after' }): Promise<boolean> {
  const { core } = world
  let living: Core = kill ? { ...core, db: killedAt(core.db, kill.at, kill.when) } : core
  for (let round = 0; round < 100; round++) {
    if ((await getTask(core, world.team.owner, id)).status === 'done') return living === core && kill !== undefined
    for (const claim of await due(world)) {
      // As after a kill: the claim is still there, and whoever starts next goes on under it.
      while (!(await isFinished(living, claim))) living = core
    }
    await decide(world, id)
  }
  throw new Error(`it does not end: ${JSON.stringify(await getTask(core, world.team.owner, id))}`)
}

async function isFinished(core: Core, claim: Claim): Promise<boolean> {
  const { signal } = new AbortController()
  try {
    await (taskOfKey(claim.key) === undefined ? workOnRun : workOnTask)(core, claim, signal)
    return true
  } catch (error) {
    // Killed right after it had given its claim back: there is nothing to go on with, and the process is gone.
    if (error instanceof LeaseLostError) return true
    if (error instanceof Killed) return false
    throw error
  }
}

async function due({ core, databaseUrl }: AgentsWorld): Promise<Claim[]> {
  const { db, clock, ids } = core
  const limits = { perContext: 10, instance: null }
  const store = createWorkStore({ db, clock, limits, databaseUrl, newToken: () => ids.newSecret(), onError: () => {} })
  return store.claimDue('run', 10, 60_000).then((claims) => claims.filter(({ key }) => /^(run|task):/.test(key)))
}

async function decide({ core, team: { owner } }: AgentsWorld, id: string): Promise<void> {
  const work = await findTaskWork.first(core.db, { taskId: id })
  const { items } = await findReviews(core, owner, { runId: work?.run_id ?? 'none', status: 'open', limit: 1 })
  for (const { id: reviewId } of items) {
    const { payloadHash, payload } = await getReview(core, owner, reviewId)
    const answer =
      payload.result === 'One.'
        ? ({ decision: 'request_changes', comment: 'Shorter' } as const)
        : ({ decision: 'approve' } as const)
    await decideReview(core, owner, { reviewId, payloadHash, ...answer })
  }
}

/** What there is of a task in the end, without what is another each time. */
async function remains({ core, made }: AgentsWorld, id: string) {
  const events = await query(core.db, (q) =>
    q.selectFrom('event').selectAll().where('subject', '=', id).where('type', '=', 'task.moved').orderBy('seq'),
  )
  const runs = await query(core.db, (q) => q.selectFrom('run').selectAll().orderBy('id'))
  return {
    moves: events.map(({ details_json }) => JSON.parse(details_json).to),
    runs: runs
      .filter(({ idempotency_key }) => idempotency_key?.includes(id))
      .map(({ job_key, status }) => [job_key, status]),
    // One that was under way is made again, under its own key.
    writes: [...new Set(made.map(({ key }) => key))].length,
  }
}

describe.each(DIALECTS)('an agent with a task, which is killed, on %s', (dialect) => {
  it('at any write, before or after it: the task goes on, and what it writes is written once, after approval', async () => {
    const world = await createStage(dialect)
    const task = () =>
      createTask(world.core, world.team.owner, {
        title: 'Tell the news',
        assignee: `agent_${world.team.owner.context.id}_max`,
      })
    const whole = await task()
    await work(world, whole.id)
    const expected = await remains(world, whole.id)
    expect(expected).toEqual({
      moves: [
        'claimed',
        'in_progress',
        'review',
        'changes_requested',
        'in_progress',
        'review',
        'approved',
        'merging',
        'done',
      ],
      runs: [
        ['agent-run', 'succeeded'],
        ['task-review', 'succeeded'],
        ['agent-run', 'succeeded'],
        ['task-review', 'succeeded'],
        ['test-write', 'succeeded'],
      ],
      writes: 1,
    })
    let kills = 0
    for (const when of ['before', 'after'] as const) {
      for (let at = 1; ; at += EVERY) {
        world.made.length = 0
        const { id } = await task()
        if (!(await work(world, id, { at, when }))) break
        kills++
        expect(await remains(world, id), `${when} write ${at}`).toEqual(expected)
      }
    }
    expect(kills).toBeGreaterThan(60 / EVERY)
    await world.end()
  }, 600_000)
})

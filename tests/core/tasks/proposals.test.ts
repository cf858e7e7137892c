import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Actor } from '#core/actor.ts'
import { findMemories, forgetMemory } from '#core/agents/memory.ts'
import { agentMetrics } from '#core/agents/read.ts'
import { contextKey } from '#core/context.ts'
import { saveJob } from '#core/jobs/save.ts'
import type { JsonObject } from '#core/json.ts'
import { findReviews, getReview } from '#core/reviews/read.ts'
import type { ReviewView } from '#core/reviews/view.ts'
import { createTask } from '#core/tasks/create.ts'
import type { TaskStatus } from '#core/tasks/moves.ts'
import { getTask } from '#core/tasks/read.ts'
import { moveTask } from '#core/tasks/transition.ts'
import { ownDefaultsIn, saveToolDefaults } from '#core/tools/defaults.ts'
import { query } from '#db/statement.ts'
import { findTaskWork } from '#db/task-work.ts'
import { type AgentsWorld, call, createAgentsWorld, hireAgent, steps } from '#tests/core/agents/agents-world.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'

const EVERYTHING = { read: 'auto', write: 'auto', spend: 'auto' } as const

/** The real agent, whose model says what it is told: what it would write in the work on a task waits for the approval of that. */
describe.each(DIALECTS)('what an agent wants to write in its work on a task, on %s', (dialect) => {
  let world: AgentsWorld
  let ada: Actor
  let ben: Actor
  beforeAll(async () => {
    world = await createAgentsWorld(dialect)
    ada = world.team.owner
    ben = await world.team.join('ben', 'member')
  })
  beforeEach(() => {
    world.made.length = 0
    world.models.requests.length = 0
  })
  afterAll(async () => {
    expect(world.errors).toEqual([])
    await world.end()
  })

  async function given(name: string, title = 'Send the letter'): Promise<string> {
    const { id } = await createTask(world.core, ada, { title, assignee: `agent_${ada.context.id}_${name}` })
    return id
  }
  const comesTo = (id: string, status: TaskStatus) =>
    eventually(async () => {
      const task = await getTask(world.core, ada, id)
      const work = await findTaskWork.first(world.core.db, { taskId: id })
      expect(`${task.status} ${task.status === status ? '' : work?.error}`.trim()).toBe(status)
      return { task, work }
    })
  async function asked(id: string): Promise<ReviewView> {
    const { work } = await comesTo(id, 'review')
    return eventually(async () => {
      const { items } = await findReviews(world.core, ada, { status: 'open', runId: work?.run_id ?? '', limit: 2 })
      if (!items[0]) throw new Error('nothing is asked')
      return getReview(world.core, ada, items[0].id)
    })
  }
  const writes = () => world.made.filter(({ toolId }) => toolId === 'test.write').map(({ input }) => input)

  it('is not made, whatever it is permitted, and then once; the agent goes on without its answer', async () => {
    const name = await world.hire({ permissions: EVERYTHING })
    world.models.script = steps(
      call('test_write', { what: 'the letter' }),
      call('test_think', { what: 'more' }),
      'Written.',
    )
    const id = await given(name)
    const review = await asked(id)
    expect(review.payload).toMatchObject({
      result: 'Written.',
      sideEffects: [{ toolId: 'test.write', input: { what: 'the letter' } }],
    })
    expect(writes()).toEqual([])
    expect(JSON.stringify(world.models.requests[1]?.messages.at(-1))).toContain(
      'done once the result of the task has been approved',
    )
    // Nobody was asked about the call by itself.
    expect((await findReviews(world.core, ada, { limit: 50 })).items.map(({ title }) => title)).toEqual([
      'Send the letter',
    ])
    await world.team.decide(ben, review, 'approve')
    const { task } = await comesTo(id, 'done')
    expect(writes()).toEqual([{ what: 'the letter' }])
    expect(task.result).toMatchObject({ calls: [{ status: 'proposed' }, { status: 'succeeded' }] })
  })

  it('is refused where it may never write, and what it only looks up is made at once', async () => {
    const name = await world.hire({ permissions: { ...EVERYTHING, write: 'never' } })
    world.models.script = steps(call('test_look'), call('test_write', { what: 'x' }), 'I may not.')
    const id = await given(name)
    const review = await asked(id)
    expect(review.payload).not.toHaveProperty('sideEffects')
    expect(world.made.map(({ toolId }) => toolId)).toEqual(['test.look'])
    await world.team.decide(ben, review, 'approve')
    const { task } = await comesTo(id, 'done')
    expect(task.result).toMatchObject({ calls: [{ status: 'succeeded' }, { status: 'refused' }] })
    expect(writes()).toEqual([])
  })

  it('is refused where nobody could see the end of it', async () => {
    const name = await world.hire({ permissions: EVERYTHING })
    world.models.script = steps(call('test_write', { to: Array(7_500).fill(0), what: 'evil.example' }), 'Too long.')
    const id = await given(name)
    const review = await asked(id)
    expect(review.payload).not.toHaveProperty('sideEffects')
    await world.team.decide(ben, review, 'approve')
    expect((await comesTo(id, 'done')).task.result).toMatchObject({ calls: [{ status: 'refused' }] })
    expect(writes()).toEqual([])
  })

  it('what it remembers is no such thing: it is kept while it works', async () => {
    const name = await world.hire({ tools: ['memory.save'], permissions: EVERYTHING })
    world.models.script = steps(call('memory_save', { text: 'The door is green.' }), 'Noted.')
    const id = await given(name)
    const review = await asked(id)
    expect(review.payload).not.toHaveProperty('sideEffects')
    const kept = await findMemories(world.core, ada)
    expect(kept.map(({ text }) => text)).toEqual(['The door is green.'])
    await world.team.decide(ben, review, 'approve')
    await comesTo(id, 'done')
    await Promise.all(kept.map((one) => forgetMemory(world.core, ada, one.id)))
  })

  it('a job that writes is one thing to approve, and runs afterwards', async () => {
    await saveJob(world.core, ada, {
      publish: true,
      source: {
        jobId: 'mailing',
        displayName: 'Mailing',
        description: 'For a test.',
        inputSchema: { type: 'object', properties: { what: { type: 'string' } } },
        steps: [{ stepId: 'do', toolId: 'test.write', inputMappings: { what: { input: 'what' } } }],
        outputs: {},
      },
    })
    const name = await world.hire({ tools: [], jobs: ['mailing'], permissions: EVERYTHING })
    world.models.script = steps(call('job_mailing', { what: 'to all' }), 'Mailed.')
    const id = await given(name)
    const review = await asked(id)
    expect(review.payload).toMatchObject({ sideEffects: [{ toolId: 'job_mailing', input: { what: 'to all' } }] })
    expect(writes()).toEqual([])
    await world.team.decide(ben, review, 'approve')
    await comesTo(id, 'done')
    expect(writes()).toEqual([{ what: 'to all' }])
    const runs = await query(world.core.db, (q) => q.selectFrom('run').select('id').where('job_key', '=', 'mailing'))
    expect(runs).toHaveLength(1)
  })

  it('what is saved for a tool in a job is shown with it, and is what it is done with', async () => {
    await saveJob(world.core, ada, {
      publish: true,
      source: {
        jobId: 'letters',
        displayName: 'Letters',
        description: 'For a test.',
        inputSchema: { type: 'object', properties: { what: { type: 'string' } } },
        steps: [{ stepId: 'do', toolId: 'test.write', inputMappings: { what: { input: 'what' } } }],
        outputs: {},
      },
    })
    const save = (inputs: JsonObject | null) =>
      world.core.db.write((tx) =>
        saveToolDefaults(tx, ownDefaultsIn(contextKey(ada.context), ada.accountId), {
          'test.write': inputs,
          'test.think': inputs,
        }),
      )
    await save({
      to: 'friends',
      what: 'unsaid',
      headers: { Authorization: 'Bearer 0123456789abcdef', Accept: 'text/plain' },
    })
    const name = await world.hire({ jobs: ['letters'], permissions: EVERYTHING })
    world.models.script = steps(
      call('job_letters', { what: 'by job' }),
      call('test_write', { what: 'by tool' }),
      'Written.',
    )
    const id = await given(name)
    const review = await asked(id)
    const headers = { Authorization: '••••cdef', Accept: 'text/plain' }
    expect(review.payload.sideEffects).toMatchObject([{ input: { what: 'by job' } }, { input: { what: 'by tool' } }])
    const shown = (review.payload.sideEffects as JsonObject[]).map(({ savedInputs }) => savedInputs)
    expect(shown).toEqual([
      { 'test.write': { to: 'friends', what: 'unsaid', headers } },
      { 'test.write': { to: 'friends', headers } },
    ])
    await save({ to: 'everybody@rival.example' })
    await world.team.decide(ben, review, 'approve')
    await comesTo(id, 'done')
    await save(null)
    expect(writes()).toMatchObject([
      { what: 'by job', to: 'friends' },
      { what: 'by tool', to: 'friends' },
    ])
    expect(JSON.stringify(await getTask(world.core, ada, id))).not.toContain('0123456789')
  })

  it('another agent that helps with it writes nothing either', async () => {
    await world.hire({ permissions: EVERYTHING }, 'helper')
    const name = await world.hire({ tools: ['agent.run'], permissions: EVERYTHING, maxRunUsd: '0.50' }, 'boss')
    world.models.script = (request, answered) => {
      if (request.system.includes('You are helper')) return answered === 0 ? call('test_write', { what: 'x' }) : 'Said.'
      return answered === 0 ? call('agent_run', { agent: 'helper', goal: 'Help.' }) : 'Helped.'
    }
    const id = await given(name)
    const review = await asked(id)
    expect(review.payload).toMatchObject({ result: 'Helped.' })
    expect(review.payload).not.toHaveProperty('sideEffects')
    expect(writes()).toEqual([])
    const told = await query(world.core.db, (q) =>
      q.selectFrom('agent_turn').select('json').where('json', 'like', '%belongs to a task that another agent has%'),
    )
    expect(told).toHaveLength(1)
    await world.team.decide(ben, review, 'approve')
    await comesTo(id, 'done')
    expect(writes()).toEqual([])
  })

  it('is asked about anew when what may be done has changed since it was approved', async () => {
    const name = await world.hire({ permissions: EVERYTHING })
    world.models.script = steps(call('test_write', { what: 'late' }), 'Written.')
    const id = await given(name)
    const review = await asked(id)
    await hireAgent(world, ada, name, { permissions: { ...EVERYTHING, write: 'never' } })
    await world.team.decide(ben, review, 'approve')
    const { work } = await comesTo(id, 'failed')
    expect(work?.error).toContain('may never use tools that write')
    expect(writes()).toEqual([])
    await hireAgent(world, ada, name, { permissions: EVERYTHING })
    await moveTask(world.core, ada, { id, to: 'in_progress' })
    const again = await asked(id)
    expect(again.id).not.toBe(review.id)
    await world.team.decide(ben, again, 'approve')
    await comesTo(id, 'done')
    expect(writes()).toEqual([{ what: 'late' }])
  })

  it('what an agent does is counted: its runs, its tasks, and the time of people by what its profile says', async () => {
    const name = await world.hire({ permissions: EVERYTHING, taskMinutes: 50, reviewMinutes: 4 })
    world.models.script = () => 'Done.'
    const id = await given(name)
    await world.team.decide(ben, await asked(id), 'request_changes', { comment: 'Again' })
    await eventually(async () => expect((await comesTo(id, 'review')).work?.round).toBe(2))
    await world.team.decide(ben, await asked(id), 'approve')
    await comesTo(id, 'done')
    await world.ended(await world.run('Something else.', { agent: name }))
    expect(await agentMetrics(world.core, ada, name)).toMatchObject({
      runs: 3,
      tasks: 1,
      done: 1,
      failed: 0,
      firstPassRate: 0,
      successRate: 1,
      minutesSaved: 50 - 2 * 4,
      assumptions: { taskMinutes: 50, reviewMinutes: 4 },
    })
  })

  it('outside of a task the permissions of the agent decide, also when its words name one', async () => {
    const name = await world.hire({ permissions: EVERYTHING })
    world.models.script = steps(call('test_write', { what: 'now' }), 'Written.')
    const { id } = await createTask(world.core, ada, { title: 'Of nobody' })
    const run = await world.ended(await world.run('Write.', { agent: name, taskId: id }))
    expect(run.outputs).toMatchObject({ calls: [{ status: 'succeeded' }] })
    expect(writes()).toEqual([{ what: 'now' }])
  })
})

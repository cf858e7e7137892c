import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Actor } from '#core/actor.ts'
import { hireAgent } from '#core/agents/hire.ts'
import type { AgentView } from '#core/agents/view.ts'
import { contextKey, teamContext } from '#core/context.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import type { JsonObject } from '#core/json.ts'
import { askMock } from '#core/models/mock.ts'
import type { Models } from '#core/models/model.ts'
import { reviewCard } from '#core/reviews/card.ts'
import { decideReview } from '#core/reviews/decide.ts'
import { findReviews, getReview } from '#core/reviews/read.ts'
import type { ReviewView } from '#core/reviews/view.ts'
import { retryRun } from '#core/runs/retry.ts'
import { completeTask, reassignTask, resubmitTask } from '#core/tasks/admin.ts'
import { giveTask } from '#core/tasks/by-agent/give.ts'
import { taskKey } from '#core/tasks/by-agent/key.ts'
import { createTask } from '#core/tasks/create.ts'
import { editTask } from '#core/tasks/edit.ts'
import type { TaskFields } from '#core/tasks/fields.ts'
import type { TaskStatus } from '#core/tasks/moves.ts'
import { getTask } from '#core/tasks/read.ts'
import type { TaskView } from '#core/tasks/task.ts'
import { moveTask } from '#core/tasks/transition.ts'
import { createTeam } from '#core/teams/create.ts'
import { addMember } from '#core/teams/members.ts'
import { updateMember } from '#core/teams/update-member.ts'
import { ownDefaultsIn, saveToolDefaults } from '#core/tools/defaults.ts'
import { defineTool, ToolError } from '#core/tools/tool.ts'
import { startWork } from '#core/work.ts'
import { query } from '#db/statement.ts'
import { findTaskWork } from '#db/task-work.ts'
import { give, newPerson, USD, withKey } from '#tests/core/economy/people.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World } from '#tests/support/world.ts'

/** What the scripted agent answers, by the goal it is given; and what it was given. */
const agentTool = (asked: JsonObject[], answer: (input: JsonObject) => JsonObject) =>
  defineTool({
    toolId: 'agent.run',
    version: '1.0.0',
    displayName: 'Agent',
    description: 'A scripted one',
    category: 'agents',
    inputSchema: {
      type: 'object',
      properties: {
        agent: { type: 'string' },
        goal: { type: 'string' },
        context: { type: 'string' },
        taskId: { type: 'string' },
      },
    },
    outputSchema: { type: 'object', properties: { text: { type: 'string' }, value: {}, mock: { type: 'boolean' } } },
    price: { unit: 'run', rateMicros: 0n, maxMicros: 0n },
    sideEffect: 'none',
    async execute(input) {
      asked.push(input)
      return { output: answer(input) }
    },
  })

/** A hand that reaches the world: it counts, and can be made to fail. */
const postTool = (posts: string[], isBroken: (text: string) => boolean | Promise<boolean>) =>
  defineTool({
    toolId: 'board.post',
    version: '1.0.0',
    displayName: 'Post',
    description: 'Writes somewhere outside',
    category: 'test',
    inputSchema: { type: 'object', properties: { text: { type: 'string' }, to: { type: 'string' } } },
    outputSchema: { type: 'object', properties: { ok: { type: 'boolean' } } },
    price: { unit: 'run', rateMicros: 0n, maxMicros: 0n },
    sideEffect: 'write',
    async execute({ text, to }) {
      if (await isBroken(String(text))) throw new ToolError('refused', 'The board is closed.')
      posts.push(to === undefined ? String(text) : `${text} to ${to}`)
      return { output: { ok: true } }
    },
  })

describe.each(DIALECTS)('a task done by an agent on %s', (dialect) => {
  let world: World
  let ada: Actor
  let bob: Actor
  let max: AgentView
  let asked: JsonObject[]
  let posts: string[]
  let isBroken: (text: string) => boolean | Promise<boolean>
  let answer: (input: JsonObject) => JsonObject
  /** Waits before a model answers. */
  let beforeModel: () => Promise<void>

  beforeEach(async () => {
    asked = []
    posts = []
    isBroken = () => false
    beforeModel = async () => {}
    answer = ({ goal }) => ({
      text: String(goal).includes('shorter') ? 'v2.1 is out.' : 'At last v2.1 is out, hooray.',
      mock: true,
    })
    const tools = [agentTool(asked, (input) => answer(input)), postTool(posts, (text) => isBroken(text))]
    const models: Models = {
      async ask(request) {
        await beforeModel()
        return askMock(request)
      },
    }
    world = await createWorld(dialect, { tools, models })
    await seedShipped(world.core)
    const [owner, member] = await Promise.all(['ada', 'bob'].map((name) => newPerson(world.core, name)))
    if (!owner || !member) throw new Error('Somebody is missing')
    const { id: teamId } = await createTeam(world.core, owner, { name: 'Acme' })
    await addMember(world.core, owner, { teamId, accountId: member.accountId, role: 'member' })
    ada = { ...owner, context: teamContext(teamId) }
    bob = { ...member, context: teamContext(teamId) }
    await give(world.core, teamContext(teamId), 20n * USD)
    max = await hireAgent(world.core, ada, { role: 'marketing', name: 'Max', profile: { tools: ['board.post'] } })
    await startWork(world.core, { senders: new Map(), schedules: false })
  })
  afterEach(async () => {
    await world.core.queue.stop(2_000)
    expect(world.errors).toEqual([])
    await world.end()
  })

  async function given(fields: TaskFields = {}): Promise<TaskView> {
    const task = await createTask(world.core, ada, { title: 'Announce v2.1', ...fields })
    return giveTask(world.core, ada, { id: task.id, agent: 'Max' })
  }
  const comesTo = (id: string, status: TaskStatus): Promise<TaskView> =>
    eventually(async () => {
      const task = await getTask(world.core, ada, id)
      const work = await findTaskWork.first(world.core.db, { taskId: id })
      expect(`${task.status} ${task.status === status ? '' : work?.error}`.trim()).toBe(status)
      return task
    })
  /** What became of some tasks, in order: `Second claimed`. */
  async function story(ids: readonly string[]): Promise<string[]> {
    const events = await query(world.core.db, (q) =>
      q
        .selectFrom('event')
        .selectAll()
        .where('subject', 'in', [...ids])
        .orderBy('seq'),
    )
    return events.map(({ type, details_json }) => {
      const { title, to } = JSON.parse(details_json)
      return `${title} ${type === 'task.moved' ? to : type.replace('task.', '')}`
    })
  }
  /** The open review of a task. */
  const reviewOf = (id: string): Promise<ReviewView> =>
    eventually(async () => {
      const runId = (await findTaskWork.first(world.core.db, { taskId: id }))?.run_id ?? 'none'
      const { items } = await findReviews(world.core, ada, { status: 'open', limit: 50 })
      const open = items.find((review) => review.runId === runId)
      if (!open) throw new Error('No review is open')
      return getReview(world.core, ada, open.id)
    })
  const decide = async (
    actor: Actor,
    id: string,
    decision: 'approve' | 'reject' | 'request_changes',
    comment?: string,
  ) => {
    const { id: reviewId, payloadHash } = await reviewOf(id)
    return decideReview(world.core, actor, { reviewId, payloadHash, decision, ...(comment ? { comment } : {}) })
  }

  it('goes from given to done, with one request for changes in between', async () => {
    const { id } = await given({ acceptanceCriteria: ['contains "v2.1"', 'at most 4 words'] })
    await comesTo(id, 'review')
    const first = await reviewOf(id)
    expect(first.payload).toMatchObject({ result: 'At last v2.1 is out, hooray.' })
    expect(JSON.stringify(first.payload)).toContain('☑ contains \\"v2.1\\"')
    expect(JSON.stringify(first.payload)).toContain('☒ at most 4 words: It has 6 words.')
    await decide(bob, id, 'request_changes', 'Make it shorter')
    await eventually(() => expect(asked.filter(({ taskId }) => taskId === id)).toHaveLength(2))
    expect(asked.findLast(({ taskId }) => taskId === id)).toMatchObject({ context: 'At last v2.1 is out, hooray.' })
    await eventually(async () => expect((await reviewOf(id)).payload).toMatchObject({ result: 'v2.1 is out.' }))
    await decide(bob, id, 'approve')
    const done = await comesTo(id, 'done')
    expect(done.acceptanceCriteria.map(({ checked, by }) => [checked, by])).toEqual([
      [true, bob.accountId],
      [true, bob.accountId],
    ])
    expect(done.doers).toEqual([max.id])
  })

  it('does what it proposes after approval and never before, once, however often it is looked at', async () => {
    answer = () => ({
      text: 'Posted?',
      value: {
        sideEffects: [
          { toolId: 'board.post', input: { text: 'v2.1' } },
          { toolId: 'docs.format', input: {} },
        ],
      },
    })
    const { id } = await given()
    await comesTo(id, 'review')
    const { payload } = await reviewOf(id)
    expect(payload).toMatchObject({
      sideEffects: [{ toolId: 'board.post', input: { text: 'v2.1' } }, { willNotBeDone: 'Max may not use this tool.' }],
    })
    expect(posts).toEqual([])
    // By hand nobody sees what it would do.
    await expect(moveTask(world.core, ada, { id, to: 'approved' })).rejects.toThrow('Decide its review')
    await decide(withKey(ada, 'k1'), id, 'approve')
    const wake = () =>
      world.core.db.write(async function wakeAgain(tx) {
        await world.core.queue.enqueue(tx, { kind: 'run', key: taskKey(id), runAtMs: 0, fairGroup: 'x' })
      })
    for (let times = 0; times < 4; times++) await wake()
    await comesTo(id, 'done')
    await wake()
    expect(posts).toEqual(['v2.1'])
  })

  it('does only what was shown to its end', async () => {
    const texts = ['A'.repeat(2_500), 'SECOND', ...['B', 'C', 'D'].map((one) => one.repeat(15_000)), 'LAST']
    const effects = texts.map((text) => ({ toolId: 'board.post', input: { text } }))
    answer = () => ({ text: 'Posts', value: { sideEffects: [{ toolId: 'x'.repeat(50_000) }, ...effects] } })
    const { id } = await given()
    await comesTo(id, 'review')
    const { id: reviewId, payload } = await reviewOf(id)
    const card = JSON.stringify(await reviewCard(world.core, bob, reviewId))
    expect(card).not.toContain('There is more of it')
    for (const text of texts) expect(card.includes(text)).toBe(!text.startsWith('D'))
    expect(payload.sideEffects).toMatchObject([
      { willNotBeDone: 'There is no such tool here.' },
      ...effects.slice(0, 4),
      { toolId: 'board.post', willNotBeDone: expect.stringContaining('too long to be shown whole') },
      { input: { text: 'LAST' } },
    ])
    await decide(bob, id, 'approve')
    await comesTo(id, 'done')
    expect(posts).toEqual(texts.filter((text) => !text.startsWith('D')))
  })

  it('does what was shown, with what was saved by then and nothing that was saved later', async () => {
    answer = () => ({ text: 'Post', value: { sideEffects: [{ toolId: 'board.post', input: { text: 'hi' } }] } })
    const save = (inputs: JsonObject) =>
      world.core.db.write((tx) =>
        saveToolDefaults(tx, ownDefaultsIn(contextKey(ada.context), ada.accountId), { 'board.post': inputs }),
      )
    const before = await given()
    await comesTo(before.id, 'review')
    const [shown] = (await reviewOf(before.id)).payload.sideEffects as JsonObject[]
    expect(shown).not.toHaveProperty('savedInputs')
    await save({ to: 'friends', text: 'unsaid' })
    const after = await given()
    await comesTo(after.id, 'review')
    expect((await reviewOf(after.id)).payload.sideEffects).toMatchObject([
      { input: { text: 'hi' }, savedInputs: { 'board.post': { to: 'friends' } } },
    ])
    await save({ to: 'everybody@rival.example' })
    await decide(bob, before.id, 'approve')
    await comesTo(before.id, 'done')
    await decide(bob, after.id, 'approve')
    await comesTo(after.id, 'done')
    expect(posts).toEqual(['hi', 'hi to friends'])
  })

  it('does not do what is too long by itself', async () => {
    answer = () => ({
      text: 'Post',
      value: { sideEffects: [{ toolId: 'board.post', input: { text: 'A'.repeat(17_000) } }] },
    })
    const { id } = await given()
    await comesTo(id, 'review')
    expect((await reviewOf(id)).payload.sideEffects).toMatchObject([{ willNotBeDone: expect.any(String) }])
    await decide(bob, id, 'approve')
    await comesTo(id, 'done')
    expect(posts).toEqual([])
  })

  it('fails with what happened, and is taken up again without what was done already', async () => {
    const effects = ['one', 'two'].map((text) => ({ toolId: 'board.post', input: { text } }))
    answer = () => ({ text: 'Two posts', value: { sideEffects: effects } })
    const { id } = await given()
    await comesTo(id, 'review')
    isBroken = (text) => text === 'two'
    await decide(bob, id, 'approve')
    await comesTo(id, 'failed')
    expect(posts).toEqual(['one'])
    isBroken = () => false
    await moveTask(world.core, ada, { id, to: 'in_progress' })
    await comesTo(id, 'review')
    // The work is not done again, and what is asked about is only what is left.
    expect(asked.filter(({ taskId }) => taskId === id)).toHaveLength(1)
    expect((await reviewOf(id)).payload.sideEffects).toMatchObject([{ toolId: 'board.post', input: { text: 'two' } }])
    await decide(bob, id, 'approve')
    await comesTo(id, 'done')
    expect(posts).toEqual(['one', 'two'])
  })

  it('stopped while a model is asked about its result, it is asked anew, as often as it is taken up', async () => {
    let letGo = (): void => {}
    const stopped = new Promise<void>((resolve) => {
      letGo = resolve
    })
    beforeModel = () => stopped
    const { id } = await given({ acceptanceCriteria: ['reads well'] })
    const work = () => findTaskWork.first(world.core.db, { taskId: id })
    const checks: (string | null | undefined)[] = []
    for (let times = 0; times < 2; times++) {
      await eventually(async () => {
        expect(await work()).toMatchObject({ phase: 'check', run_id: expect.any(String) })
      })
      checks.push((await work())?.run_id)
      await moveTask(world.core, ada, { id, to: 'blocked', reason: 'Wait' })
      await eventually(async () => expect(await work()).toMatchObject({ run_id: null, error: null }))
      await moveTask(world.core, ada, { id, to: 'in_progress' })
    }
    letGo()
    await comesTo(id, 'review')
    expect(new Set(checks).size).toBe(2)
    // The work itself is not done again.
    expect(asked.filter(({ taskId }) => taskId === id)).toHaveLength(1)
  })

  it('given back to the agent that had it, it is begun anew, and who gave it now pays', async () => {
    const works = answer
    const failed = async (): Promise<string> => {
      answer = () => {
        throw new ToolError('refused', 'Not today.')
      }
      const { id } = await createTask(world.core, ada, { title: 'Announce v2.1', assignee: max.id })
      await comesTo(id, 'failed')
      answer = works
      return id
    }
    const isBegunFor = async (id: string, who: Actor): Promise<void> => {
      await comesTo(id, 'review')
      expect(await findTaskWork.first(world.core.db, { taskId: id })).toMatchObject({ account_id: who.accountId })
    }
    const assigned = await failed()
    await moveTask(world.core, ada, { id: assigned, to: 'queued' })
    const { etag } = await getTask(world.core, bob, assigned)
    await editTask(world.core, bob, { id: assigned, fields: { assignee: max.id }, ifMatch: etag })
    await isBegunFor(assigned, bob)
    const reassigned = await failed()
    await updateMember(world.core, ada, { teamId: ada.context.id, accountId: bob.accountId, change: { role: 'admin' } })
    await resubmitTask(world.core, ada, { id: reassigned, reason: 'It may work by now' })
    await reassignTask(world.core, bob, { id: reassigned, assignee: max.id, reason: 'Max knows it' })
    await isBegunFor(reassigned, bob)
  })

  /** A task whose one post has failed, and the retry of the run of it by hand. */
  async function failedPost(): Promise<{ id: string; retry: () => Promise<string> }> {
    answer = () => ({ text: 'Post', value: { sideEffects: [{ toolId: 'board.post', input: { text: 'one' } }] } })
    isBroken = () => true
    const { id } = await given()
    await comesTo(id, 'review')
    await decide(bob, id, 'approve')
    await comesTo(id, 'failed')
    isBroken = () => false
    const work = await findTaskWork.first(world.core.db, { taskId: id })
    const [effect] = JSON.parse(work?.effects_json ?? '[]')
    const retry = async () =>
      (await retryRun(world.core, ada, { runId: effect.runId, from: 'failed_step', definition: 'pinned' })).how
    return { id, retry }
  }

  it('what was done by a retry of its run is not done again, nor asked about or proposed', async () => {
    const { id, retry } = await failedPost()
    expect(await retry()).toBe('resumed')
    await eventually(() => expect(posts).toEqual(['one']))
    await moveTask(world.core, ada, { id, to: 'in_progress' })
    await comesTo(id, 'review')
    expect((await reviewOf(id)).payload).not.toHaveProperty('sideEffects')
    await decide(bob, id, 'request_changes', 'Once more')
    await eventually(() => expect(asked.filter(({ taskId }) => taskId === id)).toHaveLength(2))
    await eventually(async () => expect((await reviewOf(id)).payload).not.toHaveProperty('sideEffects'))
    await decide(bob, id, 'approve')
    await comesTo(id, 'done')
    expect(posts).toEqual(['one'])
  })

  it.each(['retried', 'failed again'])('waits for a run that is retried while it is asked about: %s', async (how) => {
    const { id, retry } = await failedPost()
    await moveTask(world.core, ada, { id, to: 'in_progress' })
    await comesTo(id, 'review')
    const gate = Promise.withResolvers<boolean>()
    let calls = 0
    isBroken = () => (++calls === 1 ? gate.promise : false)
    expect(await retry()).toBe('resumed')
    await eventually(() => expect(calls).toBe(1))
    await decide(bob, id, 'approve')
    await comesTo(id, 'merging')
    await sleep(200)
    expect(calls).toBe(1)
    gate.resolve(how === 'failed again')
    await comesTo(id, 'done')
    expect(posts).toEqual(['one'])
  })

  it('asks about nothing while a run of it is retried', async () => {
    const { id, retry } = await failedPost()
    const gate = Promise.withResolvers<boolean>()
    isBroken = () => gate.promise
    expect(await retry()).toBe('resumed')
    await moveTask(world.core, ada, { id, to: 'in_progress' })
    await sleep(200)
    expect((await getTask(world.core, ada, id)).status).toBe('in_progress')
    gate.resolve(false)
    await comesTo(id, 'review')
    expect((await reviewOf(id)).payload).not.toHaveProperty('sideEffects')
    expect(posts).toEqual(['one'])
  })

  it('is not approved by a person who did some of it', async () => {
    const task = await createTask(world.core, bob, { title: 'Half done' })
    await moveTask(world.core, bob, { id: task.id, to: 'in_progress' })
    await moveTask(world.core, bob, { id: task.id, to: 'blocked', reason: 'No time' })
    await reassignTask(world.core, ada, { id: task.id, assignee: max.id, reason: 'Bob is away' })
    await moveTask(world.core, ada, { id: task.id, to: 'in_progress' })
    await comesTo(task.id, 'review')
    await expect(decide(bob, task.id, 'approve')).rejects.toMatchObject({ code: 'forbidden' })
    await expect(moveTask(world.core, bob, { id: task.id, to: 'approved' })).rejects.toMatchObject({
      code: 'forbidden',
    })
    await decide(ada, task.id, 'approve')
    expect((await comesTo(task.id, 'done')).doers).toEqual([bob.accountId, max.id])
  })

  it('begins when what it waits for is done, by whichever way, and not before', async () => {
    const first = await createTask(world.core, ada, { title: 'First' })
    const second = await given({ title: 'Second', dependencies: [first.id], blockers: ['a signature'] })
    const third = await given({ title: 'Third', dependencies: [second.id] })
    await completeTask(world.core, ada, { id: first.id, reason: 'It was done long ago' })
    const { etag } = await getTask(world.core, ada, second.id)
    await editTask(world.core, ada, { id: second.id, fields: { blockers: [] }, ifMatch: etag })
    await comesTo(second.id, 'review')
    await decide(bob, second.id, 'approve')
    await comesTo(second.id, 'done')
    await comesTo(third.id, 'review')
    const told = await story([first.id, second.id, third.id])
    const order = ['First completed', 'Second changed', 'Second claimed', 'Second done', 'Third claimed']
    expect(told.filter((one) => order.includes(one))).toEqual(order)
  })

  it('is made again when something was added that nobody was shown', async () => {
    const { id } = await given({ acceptanceCriteria: ['contains "v2.1"'] })
    const { etag, acceptanceCriteria } = await comesTo(id, 'review')
    const review = await reviewOf(id)
    const fields = {
      acceptanceCriteria: [...acceptanceCriteria.map(({ id, text }) => ({ id, text })), 'at most 9 words'],
    }
    await editTask(world.core, ada, { id, fields, ifMatch: etag })
    const { id: reviewId, payloadHash } = review
    await decideReview(world.core, bob, { reviewId, payloadHash, decision: 'approve' })
    await eventually(async () => expect((await reviewOf(id)).id).not.toBe(reviewId))
    expect(JSON.stringify((await reviewOf(id)).payload)).toContain('☑ at most 9 words')
    expect(asked.findLast(({ taskId }) => taskId === id)?.goal).toContain('added after the result was shown')
    await decide(bob, id, 'approve')
    expect((await comesTo(id, 'done')).acceptanceCriteria.map(({ by }) => by)).toEqual([bob.accountId, bob.accountId])
  })

  it('is not approved by its agent, who is nobody there', async () => {
    const { id } = await given()
    await comesTo(id, 'review')
    const asMax: Actor = { ...ada, accountId: max.id, handle: 'max' }
    await expect(decide(asMax, id, 'approve')).rejects.toMatchObject({ code: 'not_found' })
    await expect(moveTask(world.core, asMax, { id, to: 'approved' })).rejects.toMatchObject({ code: 'not_found' })
    expect((await getTask(world.core, ada, id)).status).toBe('review')
  })

  it('fails when it is rejected', async () => {
    const { id } = await given()
    await comesTo(id, 'review')
    await decide(bob, id, 'reject', 'Not our tone')
    await comesTo(id, 'failed')
  })
})

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Actor } from '#core/actor.ts'
import { teamContext } from '#core/context.ts'
import { findEvents } from '#core/events/read.ts'
import { completeTask, reassignTask, resubmitTask } from '#core/tasks/admin.ts'
import { claimTask } from '#core/tasks/claim.ts'
import { createTask } from '#core/tasks/create.ts'
import { checkItem, editTask } from '#core/tasks/edit.ts'
import type { TaskFields } from '#core/tasks/fields.ts'
import { TASK_STATUSES, type TaskStatus } from '#core/tasks/moves.ts'
import { nudgeTasks } from '#core/tasks/nudge.ts'
import { findTasks, getTask, logOnTask, taskLog } from '#core/tasks/read.ts'
import type { TaskView } from '#core/tasks/task.ts'
import { moveTask } from '#core/tasks/transition.ts'
import { createTeam } from '#core/teams/create.ts'
import { addMember } from '#core/teams/members.ts'
import { query } from '#db/statement.ts'
import { newPerson, withKey } from '#tests/core/economy/people.ts'
import { TestClock } from '#tests/support/clock.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createWorld, type World } from '#tests/support/world.ts'

const DAY_MS = 24 * 3_600_000

describe.each(DIALECTS)('tasks on %s', (dialect) => {
  let world: World
  let clock: TestClock
  let ada: Actor
  let bob: Actor
  let eve: Actor

  beforeEach(async () => {
    clock = new TestClock()
    world = await createWorld(dialect, { clock })
    const [owner, member, stranger] = await Promise.all(
      ['ada', 'bob', 'eve'].map((name) => newPerson(world.core, name)),
    )
    if (!owner || !member || !stranger) throw new Error('Somebody is missing')
    const { id: teamId } = await createTeam(world.core, owner, { name: 'Acme' })
    await addMember(world.core, owner, { teamId, accountId: member.accountId, role: 'member' })
    ada = { ...owner, context: teamContext(teamId) }
    bob = { ...member, context: teamContext(teamId) }
    eve = stranger
  })
  afterEach(async () => {
    expect(world.errors).toEqual([])
    await world.end()
  })

  const make = (title: string, fields: TaskFields = {}, actor = ada): Promise<TaskView> =>
    createTask(world.core, actor, { title, ...fields })
  const move = (actor: Actor, id: string, ...path: TaskStatus[]): Promise<TaskView> =>
    path.reduce(
      async (before, to) => before.then(() => moveTask(world.core, actor, { id, to })),
      Promise.resolve() as unknown as Promise<TaskView>,
    )
  const refused = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'done',
      (error) => `${error.code}: ${error.message}`,
    )
  const eventsOf = async (id: string): Promise<string[]> =>
    (await findEvents(world.core, ada, { subject: id, limit: 100 })).items.map(({ type, details }) =>
      details.to ? `${type} ${details.to}` : type,
    )

  it('go from the queue to done through hands that differ, and every step is on record', async () => {
    const { id } = await make('Fix the door', { acceptanceCriteria: ['It closes'], definitionOfDone: ['Oiled'] })
    await move(bob, id, 'claimed', 'in_progress', 'review')
    expect(await refused(move(ada, id, 'approved'))).toContain('“It closes”, “Oiled”')
    await checkItem(world.core, ada, { id, itemId: 'a1', checked: true })
    await checkItem(world.core, ada, { id, itemId: 'd1', checked: true })
    await checkItem(world.core, ada, { id, itemId: 'd1', checked: true })
    expect(await refused(move(bob, id, 'approved'))).toContain('forbidden')
    const done = await move(ada, id, 'approved', 'merging', 'done')
    expect(done).toMatchObject({ status: 'done', assignee: bob.accountId, doers: [bob.accountId] })
    expect(done.acceptanceCriteria).toMatchObject([{ text: 'It closes', checked: true, by: ada.accountId }])
    expect(await eventsOf(id)).toEqual([
      'task.created',
      'task.moved claimed',
      'task.moved in_progress',
      'task.moved review',
      'task.item_checked',
      'task.item_checked',
      'task.moved approved',
      'task.moved merging',
      'task.moved done',
    ])
  })

  it('100 changes of one version at once: one is made, ninety-nine learn what is there now', async () => {
    const before = await make('Fix the door')
    const edits = await Promise.allSettled(
      Array.from({ length: 100 }, (_, n) =>
        editTask(world.core, ada, { id: before.id, fields: { title: `Title ${n}` }, ifMatch: before.etag }),
      ),
    )
    const made = edits.flatMap((edit) => (edit.status === 'fulfilled' ? [edit.value] : []))
    expect(made).toHaveLength(1)
    const now = await getTask(world.core, ada, before.id)
    expect(now).toEqual(made[0])
    expect(now.version).toBe(2)
    const reasons = edits.flatMap((edit) => (edit.status === 'rejected' ? [edit.reason] : []))
    expect(new Set(reasons.map(({ code, details }) => `${code} ${details.facts.etag}`))).toEqual(
      new Set([`precondition_failed ${now.etag}`]),
    )
    expect(await refused(editTask(world.core, ada, { id: now.id, fields: {}, ifMatch: undefined }))).toContain(
      'precondition_required',
    )
  })

  it('are claimed by one of many, the most urgent first, those that wait for others not at all', async () => {
    const low = await make('Low', { priority: 'low' })
    const late = await make('Late', { priority: 90 })
    const first = await make('First', { priority: 'urgent', dependencies: [late.id] })
    await make('In words', { priority: 99, blockers: ['the printer is away'] })
    const claims = await Promise.all(
      [ada, bob].map((actor) => claimTask(world.core, withKey(actor, `claim-${actor.handle}`))),
    )
    expect(claims.map(({ id }) => id).toSorted()).toEqual([low.id, late.id].toSorted())
    expect(await refused(claimTask(world.core, ada))).toContain('not_found')
    expect(await refused(claimTask(world.core, ada, { id: first.id }))).toContain('It waits for “Late” (claimed)')
    // Asked again under its key it is the same claim.
    expect(await claimTask(world.core, withKey(ada, 'claim-ada'))).toEqual(claims[0])
    const whose = claims.findIndex(({ id }) => id === late.id)
    const [doer = ada, other = bob] = whose === 0 ? [ada, bob] : [bob, ada]
    await move(doer, late.id, 'in_progress', 'review')
    await move(other, late.id, 'approved', 'merging', 'done')
    expect((await claimTask(world.core, ada)).id).toBe(first.id)
    expect(await refused(claimTask(world.core, bob, { id: first.id }))).toContain('conflict: @ada has this task')
    expect((await claimTask(world.core, ada, { id: first.id })).id).toBe(first.id)
  })

  it('twenty who claim one task at once: one has it', async () => {
    const { id } = await make('Fix the door')
    const actors = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? ada : bob))
    const claims = await Promise.allSettled(actors.map((actor) => claimTask(world.core, actor, { id })))
    const owners = new Set(claims.flatMap((one) => (one.status === 'fulfilled' ? [one.value.assignee] : [])))
    expect(owners.size).toBe(1)
    expect((await eventsOf(id)).filter((type) => type === 'task.moved claimed')).toHaveLength(1)
  })

  it('wait for each other in no circle, also when two close it at once', async () => {
    const a = await make('A')
    const b = await make('B', { dependencies: [a.id] })
    const c = await make('C', { blockers: [b.id, 'rain'] })
    const edit = (task: TaskView, fields: TaskFields) =>
      editTask(world.core, ada, { id: task.id, fields, ifMatch: task.etag })
    expect(await refused(edit(a, { dependencies: [c.id] }))).toContain('bad_input: “C” waits for this task')
    expect(await refused(edit(a, { blockers: [a.id] }))).toContain('bad_input')
    expect(await refused(edit(a, { dependencies: ['task_nowhere'] }))).toContain('not_found')
    const [d, e] = [await make('D'), await make('E')]
    const both = await Promise.all([
      refused(edit(d, { dependencies: [e.id] })),
      refused(edit(e, { dependencies: [d.id] })),
    ])
    expect(both.filter((answer) => answer === 'done')).toHaveLength(1)
    expect(await refused(move(ada, c.id, 'in_progress'))).toContain('It waits for “B” (queued), rain')
  })

  it('are overruled by who manages the board, with a reason, and by nobody else', async () => {
    const { id } = await make('Fix the door', { acceptanceCriteria: [{ text: 'Closes', checked: true }] })
    await move(bob, id, 'claimed', 'in_progress', 'review')
    expect(await refused(resubmitTask(world.core, bob, { id, reason: 'x' }))).toContain('forbidden')
    expect(await refused(resubmitTask(world.core, eve, { id, reason: 'x' }))).toContain('not_found')
    expect(await refused(resubmitTask(world.core, ada, { id, reason: ' ' }))).toContain('bad_input')
    const again = await resubmitTask(world.core, ada, { id, reason: 'wrong door' })
    expect(again).toMatchObject({
      status: 'queued',
      assignee: null,
      doers: [],
      acceptanceCriteria: [{ checked: false }],
    })
    const given = await reassignTask(world.core, ada, { id, assignee: bob.accountId, reason: 'he knows it' })
    expect(given).toMatchObject({ status: 'queued', assignee: bob.accountId })
    expect(await refused(reassignTask(world.core, ada, { id, assignee: eve.accountId, reason: 'x' }))).toContain(
      'who works on this board',
    )
    const platform: Actor = { ...eve, platformRole: 'admin' }
    expect(await completeTask(world.core, platform, { id, reason: 'done by hand' })).toMatchObject({ status: 'done' })
    expect(await refused(completeTask(world.core, ada, { id, reason: 'x' }))).toContain('conflict')
    const { items } = await findEvents(world.core, ada, { subject: id, types: ['task.*'], limit: 20 })
    expect(items.slice(-3).map(({ type, details }) => [type, details.reason])).toEqual([
      ['task.resubmitted', 'wrong door'],
      ['task.reassigned', 'he knows it'],
      ['task.completed', 'done by hand'],
    ])
    const told = await query(world.core.db, (q) =>
      q.selectFrom('notification').select('text').where('account_id', '=', bob.accountId).where('type', '=', 'task'),
    )
    expect(told.map(({ text }) => text)).toEqual(['@ada gave you a task: Fix the door'])
  })

  it('do not exist for others, and are read only by viewers', async () => {
    const { id } = await make('Secret')
    expect(await refused(getTask(world.core, eve, id))).toContain('not_found')
    expect(await refused(moveTask(world.core, eve, { id, to: 'claimed' }))).toContain('not_found')
    expect((await findTasks(world.core, eve, { limit: 10 })).items).toEqual([])
    const carl = await newPerson(world.core, 'carl')
    const teamId = ada.context.id
    await addMember(world.core, { ...ada }, { teamId, accountId: carl.accountId, role: 'viewer' })
    const viewer = { ...carl, context: ada.context }
    expect((await getTask(world.core, viewer, id)).title).toBe('Secret')
    expect(await refused(moveTask(world.core, viewer, { id, to: 'claimed' }))).toContain('forbidden')
    expect(await refused(make('Mine', {}, viewer))).toContain('forbidden')
  })

  it('are found by status, assignee, label and priority, page by page', async () => {
    const made: TaskView[] = []
    for (let n = 0; n < 5; n++) made.push(await make(`T${n}`, { labels: [n % 2 ? 'odd' : 'even'], priority: n * 10 }))
    await claimTask(world.core, bob)
    const titles = async (more: Partial<Parameters<typeof findTasks>[2]>) =>
      (await findTasks(world.core, ada, { limit: 10, ...more })).items.map(({ title }) => title)
    expect((await titles({ label: 'odd' })).toSorted()).toEqual(['T1', 'T3'])
    expect(await titles({ status: ['claimed'] })).toEqual(['T4'])
    expect(await titles({ assignee: bob.accountId })).toEqual(['T4'])
    expect(await titles({ assignee: null, priority: 20 })).toEqual(['T2'])
    const page = await findTasks(world.core, ada, { limit: 3 })
    const rest = await findTasks(world.core, ada, { limit: 3, cursor: page.nextCursor ?? '' })
    const ids = [...page.items, ...rest.items].map(({ id }) => id)
    expect(ids).toEqual(
      made
        .map(({ id }) => id)
        .toSorted()
        .toReversed(),
    )
    expect(rest.nextCursor).toBeNull()
  })

  it('keep what was noted, and items that were checked keep by whom', async () => {
    const task = await make('Fix the door', { acceptanceCriteria: ['One', 'Two'] })
    await logOnTask(world.core, withKey(bob, 'log'), { id: task.id, text: 'Bought a hinge' })
    await logOnTask(world.core, withKey(bob, 'log'), { id: task.id, text: 'Bought a hinge' })
    expect((await taskLog(world.core, ada, { id: task.id, limit: 10 })).items).toMatchObject([
      { actor: bob.accountId, text: 'Bought a hinge' },
    ])
    const checked = await checkItem(world.core, bob, { id: task.id, itemId: 'a2', checked: true })
    const [one, two] = checked.acceptanceCriteria
    if (!one || !two) throw new Error('Items are missing')
    const fields = { acceptanceCriteria: [two, 'Three', one] }
    const edited = await editTask(world.core, ada, { id: task.id, fields, ifMatch: checked.etag })
    expect(edited.acceptanceCriteria).toMatchObject([
      { id: 'a2', text: 'Two', checked: true, by: bob.accountId },
      { id: 'a3', text: 'Three', checked: false },
      { id: 'a1', text: 'One', checked: false },
    ])
  })

  it('stand as their events say, whatever several people try at once', async () => {
    const ids = await Promise.all(['A', 'B', 'C'].map(async (title) => (await make(title)).id))
    const tries = Array.from({ length: 120 }, (_, n) => {
      const id = ids[n % ids.length] ?? ''
      const actor = n % 2 === 0 ? ada : bob
      const to = TASK_STATUSES[(n * 7) % TASK_STATUSES.length] ?? 'claimed'
      if (n % 17 === 0) return resubmitTask(world.core, actor, { id, reason: 'again' })
      if (n % 5 === 0) return claimTask(world.core, actor, { id })
      return moveTask(world.core, actor, { id, to })
    })
    const made = (await Promise.allSettled(tries)).filter(({ status }) => status === 'fulfilled')
    expect(made.length).toBeGreaterThan(5)
    for (const id of ids) {
      const { items } = await findEvents(world.core, ada, { subject: id, limit: 200 })
      const rebuilt = items.reduce((status, { details }) => String(details.to ?? status), 'queued')
      const froms = items.slice(1).map(({ details }) => details.from)
      expect((await getTask(world.core, ada, id)).status).toBe(rebuilt)
      // Each began where the one before it had ended.
      expect(froms).toEqual(['queued', ...items.slice(1, -1).map(({ details }) => details.to)].slice(0, froms.length))
    }
  })

  it('that somebody has in hand stay theirs; once a day they are reminded', async () => {
    const { id } = await make('Fix the door')
    await claimTask(world.core, bob, { id })
    const nudges = async () => {
      const { signal } = new AbortController()
      await Promise.all([nudgeTasks(world.core, signal), nudgeTasks(world.core, signal)])
      const rows = await query(world.core.db, (q) =>
        q.selectFrom('notification').select('text').where('account_id', '=', bob.accountId).where('type', '=', 'task'),
      )
      return rows.map(({ text }) => text)
    }
    clock.advance(DAY_MS - 1)
    expect(await nudges()).toEqual([])
    clock.advance(2)
    expect(await nudges()).toEqual(['You have had this task for a day: Fix the door'])
    expect(await nudges()).toHaveLength(1)
    clock.advance(DAY_MS + 1)
    expect(await nudges()).toHaveLength(2)
    clock.advance(30 * DAY_MS)
    expect(await getTask(world.core, ada, id)).toMatchObject({ status: 'claimed', assignee: bob.accountId })
  })
})

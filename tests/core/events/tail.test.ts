import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAccountByOperator } from '#core/accounts/create.ts'
import type { Actor } from '#core/actor.ts'
import { contextKey, teamContext } from '#core/context.ts'
import { AppError } from '#core/errors.ts'
import { appendEvents } from '#core/events/append.ts'
import { EventFeed } from '#core/events/feed.ts'
import { findEvents, newestEvents } from '#core/events/read.ts'
import { EventTail } from '#core/events/tail.ts'
import type { EventView } from '#core/events/view.ts'
import { createTeam } from '#core/teams/create.ts'
import { removeMember } from '#core/teams/leave.ts'
import { addMember } from '#core/teams/members.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createWorld, type World } from '#tests/support/world.ts'

const WRITERS = 20
const EVENTS = 15_000
const READERS = 100

describe.each(DIALECTS)('the tail of events on %s', (dialect) => {
  let world: World
  let ada: Actor
  let feed: EventFeed
  beforeEach(async () => {
    world = await createWorld(dialect)
    ada = await person('ada')
    feed = new EventFeed(world.core)
  })
  afterEach(async () => {
    expect(world.errors).toEqual([])
    await world.end()
  })

  async function person(handle: string): Promise<Actor> {
    const { id } = await createAccountByOperator(world.core, { handle, admin: false })
    return { accountId: id, handle, platformRole: 'user', channel: 'api', context: { type: 'user', id } }
  }

  const write = (actor: Actor, subjects: readonly string[], isUndone = false): Promise<void> =>
    world.core.db.write(async function happen(tx) {
      const event = { type: 'test.happened', actor: actor.accountId, context: contextKey(actor.context) }
      await appendEvents(
        tx,
        0,
        subjects.map((subject) => ({ ...event, subject })),
      )
      if (isUndone) throw new AppError('conflict', 'undone')
    })

  const open = (since?: number, actor = ada): Promise<EventTail> =>
    EventTail.open(world.core, feed, actor, since === undefined ? {} : { since })

  it(`gives ${EVENTS} events of ${WRITERS} writers to a reader that comes back ${READERS} times: each once, in order`, async () => {
    const written: string[] = []
    const writer = async (w: number): Promise<void> => {
      for (let n = 0; n < EVENTS / WRITERS; n += 5) {
        const subjects = [0, 1, 2, 3, 4].map((k) => `${w}.${n + k}`)
        // What is undone leaves numbers that nobody has.
        if (n % 50 === 0) await write(ada, ['undone'], true).catch(() => {})
        await write(ada, subjects)
        written.push(...subjects)
      }
    }
    const writing = Promise.all(Array.from({ length: WRITERS }, (_, w) => writer(w)))
    const seen: EventView[] = []
    let since = 0
    let isOver = false
    for (let n = 0; n < READERS || !isOver; n++) {
      const tail = await open(since)
      // The last ones stay to the end; the others break off somewhere in between.
      for (let batches = n < READERS ? 1 + (n % 3) : Number.POSITIVE_INFINITY; batches > 0; batches--) {
        const events = await tail.next(n < READERS ? 20 : 500)
        if (typeof events === 'string') break
        seen.push(...events)
        since = seen.at(-1)?.seq ?? since
        if (n >= READERS && events.length === 0) break
      }
      tail.close()
      isOver = written.length === EVENTS && seen.filter(({ type }) => type === 'test.happened').length >= EVENTS
    }
    await writing
    const subjects = seen.filter(({ type }) => type === 'test.happened').map(({ subject }) => subject)
    expect(subjects).toHaveLength(EVENTS)
    expect(subjects.toSorted()).toEqual(written.toSorted())
    const numbers = seen.map(({ seq }) => seq)
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    expect(new Set(numbers).size).toBe(numbers.length)
  }, 60_000)

  it('holds back what comes after a number whose transaction has not ended, and then gives both', async () => {
    const tail = await open()
    let commit: () => void = () => {}
    const held = new Promise<void>((resolve) => {
      commit = resolve
    })
    const slow = world.core.db.write(async function slow(tx) {
      await appendEvents(tx, 0, [
        { type: 'test.slow', actor: 'system', context: contextKey(ada.context), subject: 'first' },
      ])
      // On SQLite nobody writes meanwhile; the two come one after the other.
      if (dialect === 'postgres') await held
    })
    const quick = write(ada, ['second'])
    if (dialect === 'postgres') await quick
    expect(dialect === 'postgres' ? await tail.next(300) : []).toEqual([])
    commit()
    await Promise.all([slow, quick])
    const subjects: string[] = []
    while (subjects.length < 2) {
      const events = await tail.next(2_000)
      if (typeof events === 'string' || events.length === 0) break
      subjects.push(...events.map(({ subject }) => subject))
    }
    tail.close()
    expect(subjects).toEqual(['first', 'second'])
  })

  it('drops what waits for a reader that does not read, and says from where it may come back', async () => {
    const slow = await open()
    const quick = await open()
    await write(ada, ['taken'])
    expect(await slow.next(2_000)).toMatchObject([{ subject: 'taken' }])
    expect(await quick.next(2_000)).toMatchObject([{ subject: 'taken' }])
    const after = slow.seen
    const read: EventView[] = []
    const reading = (async () => {
      while (read.length < 1_500) {
        const events = await quick.next(5_000)
        if (typeof events === 'string' || events.length === 0) break
        read.push(...events)
      }
    })()
    for (let n = 0; n < 1_500; n += 100)
      await write(
        ada,
        Array.from({ length: 100 }, (_, k) => `${n + k}`),
      )
    await reading
    expect(read).toHaveLength(1_500)
    expect(await slow.ended).toBe('overflow')
    expect(await slow.next(1_000)).toBe('overflow')
    expect(slow.seen).toBe(after)
    const again = await open(slow.seen)
    expect(((await again.next(1_000)) as EventView[])[0]?.subject).toBe('0')
    for (const tail of [slow, quick, again]) tail.close()
  }, 20_000)

  it('ends for whoever is taken out of the team, before anything that comes after', async () => {
    const bob = await person('bob')
    const { id: teamId } = await createTeam(world.core, ada, { name: 'Acme' })
    const inTeam = (actor: Actor): Actor => ({ ...actor, context: teamContext(teamId) })
    await addMember(world.core, ada, { teamId, accountId: bob.accountId, role: 'viewer' })
    const tail = await open(undefined, inTeam(bob))
    expect(await tail.next(0)).toEqual([])
    await write(inTeam(ada), ['for bob'])
    expect(await tail.next(2_000)).toMatchObject([{ subject: 'for bob' }])
    await removeMember(world.core, ada, { teamId, accountId: bob.accountId })
    await write(inTeam(ada), ['not for bob'])
    expect(await tail.ended).toBe('gone')
    expect(await tail.next(0)).toBe('gone')
    await expect(open(0, inTeam(bob))).rejects.toMatchObject({ code: 'not_found' })
  })

  it('shows each context its own, by type, subject and actor, from either end', async () => {
    const bob = await person('bob')
    await write(ada, ['a', 'b', 'c'])
    await write(bob, ['d'])
    const mine = await findEvents(world.core, ada, { types: ['test.*'], limit: 2 })
    expect(mine.items.map(({ subject }) => subject)).toEqual(['a', 'b'])
    const rest = await findEvents(world.core, ada, {
      after: Number(mine.nextCursor),
      types: ['test.happened'],
      limit: 9,
    })
    expect(rest.items.map(({ subject }) => subject)).toEqual(['c'])
    expect(rest.nextCursor).toBeNull()
    const newest = await newestEvents(world.core, ada, { types: ['test.happened'], limit: 2 })
    expect(newest.map(({ subject }) => subject)).toEqual(['b', 'c'])
    const bobs = await findEvents(world.core, bob, { actor: bob.accountId, subject: 'd', limit: 9 })
    expect(bobs.items).toMatchObject([{ subject: 'd', context: { type: 'user', id: bob.accountId } }])
  })

  it('is never rewritten: the database refuses it', async () => {
    await write(ada, ['stays'])
    for (const change of ['update', 'delete'] as const) {
      const changed = world.core.db.write(async function tamper(tx) {
        await query(tx, (q) =>
          change === 'update' ? q.updateTable('event').set({ type: 'x' }) : q.deleteFrom('event'),
        )
      })
      await expect(changed).rejects.toThrow(/never changed or removed/)
    }
  })
})

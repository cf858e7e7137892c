import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '#core/actor.ts'
import type { ReviewDefinition } from '#core/jobs/definition.ts'
import { getReview } from '#core/reviews/read.ts'
import type { ReviewView } from '#core/reviews/view.ts'
import { runEvents } from '#core/runs/read.ts'
import { startWork } from '#core/work.ts'
import { query } from '#db/statement.ts'
import { ShiftedClock } from '#tests/support/chat-world.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { createReviewTeam, say, type Team } from './people.ts'

const HOUR_MS = 3_600_000

describe.each(DIALECTS)('what time brings to a review, on %s', (dialect) => {
  let world: World
  let team: Team
  let ben: Actor
  let cem: Actor
  const clock = new ShiftedClock()
  beforeAll(async () => {
    world = await createWorld(dialect, { clock })
    await startWork(world.core, { senders: new Map() })
    team = await createReviewTeam(world)
    ;[ben, cem] = await Promise.all([team.join('ben', 'member'), team.join('cem', 'member')])
  })
  afterAll(async () => {
    await world.core.queue.stop(1_000)
    await world.end()
    expect(world.errors).toEqual([])
  })

  const asked = async (review: Partial<ReviewDefinition>): Promise<ReviewView> => {
    const runId = await team.run({
      steps: [say('draft', 'Hello')],
      outputs: { text: { step: 'draft', output: 'text' } },
      review: { kind: 'decide', approvers: { people: [ben.handle] }, ...review },
    })
    return team.asked(runId)
  }
  const seen = async (runId: string) => {
    const { items } = await runEvents(world.core, team.owner, runId)
    return items.filter(({ type }) => type.startsWith('review.')).map(({ type }) => type.slice('review.'.length))
  }
  const messagesTo = (who: Actor) =>
    query(world.core.db, (q) =>
      q
        .selectFrom('outbox')
        .select('reply_json')
        .where('conversation', '=', `web_${who.accountId}`)
        .where('card_key', 'is', null),
    )
  /** Later, for everybody who looks at the clock. */
  const pass = (ms: number): void => clock.advance(ms)

  it('one reminder to each who may decide, and no second one', async () => {
    const review = await asked({ remindAfter: '2h', timeout: { after: '9h', outcome: 'fail' } })
    const before = (await messagesTo(ben)).length
    pass(HOUR_MS)
    expect(await messagesTo(ben)).toHaveLength(before)
    pass(HOUR_MS + 1_000)
    await eventually(async () => expect(await messagesTo(ben)).toHaveLength(before + 1))
    expect((await messagesTo(ben)).at(-1)?.reply_json).toContain('This still waits for you.')
    expect(JSON.stringify(await messagesTo(cem))).not.toContain('still waits')
    pass(8 * HOUR_MS)
    await team.ended(review.runId)
    expect(await seen(review.runId)).toEqual(['opened', 'reminded', 'expired'])
    expect(await messagesTo(ben)).toHaveLength(before + 1)
  })

  it.each([
    ['approve', 'approved', 'succeeded', undefined],
    ['reject', 'rejected', 'failed', 'rejected'],
    ['fail', 'expired', 'failed', 'expired'],
  ] as const)('when nobody decides in time: %s', async (outcome, status, runStatus, code) => {
    const before = (await messagesTo(team.owner)).length
    const review = await asked({ timeout: { after: '1h', outcome } })
    pass(HOUR_MS + 1_000)
    const run = await team.ended(review.runId)
    expect(run.status).toBe(runStatus)
    expect(run.error?.code).toBe(code)
    expect(await getReview(world.core, ben, review.id)).toMatchObject({ status, decisions: [], reason: /in time/ })
    await expect(team.decide(ben, review, 'approve')).rejects.toMatchObject({ code: 'conflict', message: /in time/ })
    // Who started the run hears of it, in the web chat when they asked over the API.
    await eventually(async () =>
      expect(JSON.stringify((await messagesTo(team.owner)).slice(before))).toContain('Draft: Nobody decided in time'),
    )
  })

  it('a stand-in may decide from their time on, and not before', async () => {
    const review = await asked({ standIn: { account: cem.handle, after: '1h' } })
    await expect(team.decide(cem, review, 'approve')).rejects.toMatchObject({ code: 'forbidden' })
    pass(HOUR_MS + 1_000)
    await eventually(async () => expect((await getReview(world.core, cem, review.id)).canDecide).toBe(true))
    await team.decide(cem, review, 'approve')
    expect((await team.ended(review.runId)).status).toBe('succeeded')
    expect(await seen(review.runId)).toEqual(['opened', 'stand_in', 'decided', 'approved'])
  })

  it('nothing of it happens in quiet hours', async () => {
    const at = (ms: number): string => new Date(clock.nowMs() + ms).toISOString().slice(11, 16)
    const quietHours = { from: at(0), to: at(6 * HOUR_MS), timeZone: 'UTC' }
    const review = await asked({ remindAfter: '1h', timeout: { after: '2h', outcome: 'fail' }, quietHours })
    const before = (await messagesTo(ben)).length
    pass(3 * HOUR_MS)
    // It was looked at, and put back until they are over.
    await eventually(async () => {
      const [item] = await query(world.core.db, (q) =>
        q.selectFrom('work_item').selectAll().where('key', '=', `review:${review.id}`),
      )
      expect(item?.run_at_ms).toBeGreaterThan(clock.nowMs() + HOUR_MS)
    })
    expect((await getReview(world.core, ben, review.id)).status).toBe('open')
    expect(await messagesTo(ben)).toHaveLength(before)
    pass(3 * HOUR_MS + 60_000)
    expect((await team.ended(review.runId)).error?.code).toBe('expired')
  })
})

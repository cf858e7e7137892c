import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '#core/actor.ts'
import { personal } from '#core/context.ts'
import { checkLedger } from '#core/economy/check.ts'
import type { ReviewDefinition } from '#core/jobs/definition.ts'
import { saveJob } from '#core/jobs/save.ts'
import { findReviews, getReview } from '#core/reviews/read.ts'
import { cancelRun } from '#core/runs/cancel.ts'
import { submitRun } from '#core/runs/submit.ts'
import { removeMember } from '#core/teams/leave.ts'
import { updateMember } from '#core/teams/update-member.ts'
import { startWork } from '#core/work.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { ask, createReviewTeam, say, type Team } from './people.ts'

describe.each(DIALECTS)('who decides a review, and how, on %s', (dialect) => {
  let world: World
  let team: Team
  let admin: Actor
  let ben: Actor
  let cem: Actor
  let viewer: Actor
  beforeAll(async () => {
    world = await createWorld(dialect)
    await startWork(world.core, { senders: new Map() })
    team = await createReviewTeam(world)
    ;[admin, ben, cem, viewer] = await Promise.all([
      team.join('admin', 'admin'),
      team.join('ben', 'member'),
      team.join('cem', 'member'),
      team.join('vera', 'viewer'),
    ])
  })
  afterAll(async () => {
    expect((await checkLedger(world.core)).sound).toBe(true)
    await world.core.queue.stop(1_000)
    await world.end()
    expect(world.errors).toEqual([])
  })

  const result = (review: Partial<ReviewDefinition>) => ({
    steps: [say('draft', 'Hello')],
    outputs: { text: { step: 'draft', output: 'text' } },
    review: { kind: 'decide' as const, ...review },
  })
  const asked = async (review: Partial<ReviewDefinition>, who?: Actor) => {
    const runId = await team.run(result(review), {}, who)
    return { runId, review: await team.asked(runId) }
  }

  it('roles admit those above them and nobody below', async () => {
    const { review, runId } = await asked({ approvers: { roles: ['admin'] } })
    await expect(team.decide(ben, review, 'approve')).rejects.toMatchObject({ code: 'forbidden', message: /not asked/ })
    await expect(team.decide(viewer, review, 'approve')).rejects.toMatchObject({ code: 'forbidden' })
    expect((await getReview(world.core, admin, review.id)).canDecide).toBe(true)
    expect((await getReview(world.core, ben, review.id)).canDecide).toBe(false)
    await team.decide(admin, review, 'approve')
    expect((await team.ended(runId)).status).toBe('succeeded')
  })

  it('people who are named decide, and others of their team do not; other teams know nothing of it', async () => {
    const { review } = await asked({ approvers: { people: [`@${ben.handle}`, 'nobody-at-all'] } })
    await expect(team.decide(cem, review, 'approve')).rejects.toMatchObject({ code: 'forbidden' })
    const stranger = (await createReviewTeam(world)).owner
    await expect(team.decide(stranger, review, 'approve')).rejects.toMatchObject({ code: 'not_found' })
    await expect(getReview(world.core, stranger, review.id)).rejects.toMatchObject({ code: 'not_found' })
    await team.decide(ben, review, 'approve')
  })

  it('without selfApproval whoever started the run does not decide', async () => {
    const { review, runId } = await asked({ selfApproval: false }, ben)
    await expect(team.decide(ben, review, 'approve')).rejects.toMatchObject({
      code: 'forbidden',
      message: /You started/,
    })
    await team.decide(cem, review, 'reject', { comment: 'No.' })
    expect(await team.ended(runId)).toMatchObject({
      status: 'failed',
      error: { code: 'rejected', message: `@${cem.handle} rejected it: No.` },
      outputs: { text: 'Hello' },
    })
  })

  it('several different people must say the same; one who says no ends it', async () => {
    const { review, runId } = await asked({ approvers: { count: 2 } })
    const half = await team.decide(ben, review, 'approve')
    expect(half).toMatchObject({ status: 'open', approvers: { count: 2 }, decisions: [{ accountId: ben.accountId }] })
    await expect(team.decide(ben, review, 'approve')).rejects.toMatchObject({ code: 'conflict', message: /already/ })
    expect((await team.decide(cem, review, 'approve')).status).toBe('approved')
    expect((await team.ended(runId)).status).toBe('succeeded')
    const other = await asked({ approvers: { count: 3 } })
    await team.decide(ben, other.review, 'approve')
    expect((await team.decide(cem, other.review, 'reject')).status).toBe('rejected')
  })

  it('of three who approve at once where two are needed, two do and one comes late', async () => {
    const { review, runId } = await asked({ approvers: { count: 2 } })
    const all = await Promise.allSettled([ben, cem, admin].map((who) => team.decide(who, review, 'approve')))
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    expect((await getReview(world.core, admin, review.id)).decisions).toHaveLength(2)
    expect((await team.ended(runId)).status).toBe('succeeded')
  })

  it('above an amount two people are needed, whatever else is said', async () => {
    const { review } = await asked({ twoPersonAboveUsd: '0.0001' })
    expect(review.approvers).toMatchObject({ count: 2, twoPerson: true })
    expect((await team.decide(ben, review, 'approve')).status).toBe('open')
    expect((await team.decide(admin, review, 'approve')).status).toBe('approved')
    const small = await asked({ twoPersonAboveUsd: '5.00' })
    expect(small.review.approvers).toMatchObject({ count: 1, twoPerson: false })
    await team.decide(admin, small.review, 'approve')
  })

  it('of two at the same instant one wins, and the other hears who and when', async () => {
    for (let round = 0; round < 5; round++) {
      const { review, runId } = await asked({})
      const [one, other] = await Promise.allSettled([
        team.decide(ben, review, 'approve'),
        team.decide(cem, review, 'reject', { comment: 'No' }),
      ])
      const lost = one.status === 'rejected' ? one : (other as PromiseRejectedResult)
      expect([one.status, other.status].toSorted()).toEqual(['fulfilled', 'rejected'])
      expect(lost.reason).toMatchObject({
        code: 'conflict',
        message: /^@(ben|cem)-\d+ (approved|rejected) this already, on \d{4}-\d\d-\d\d \d\d:\d\d UTC\.$/,
      })
      const { decisions, status } = await getReview(world.core, admin, review.id)
      expect(decisions).toHaveLength(1)
      const run = await team.ended(runId)
      expect(run.status).toBe(status === 'approved' ? 'succeeded' : 'failed')
    }
  })

  it('a double click is one decision; with one key it has one answer', async () => {
    const { review } = await asked({})
    const keyed = { ...ben, requestKey: 'click' }
    const [one, other] = await Promise.all([
      team.decide(keyed, review, 'approve'),
      team.decide(keyed, review, 'approve'),
    ])
    expect(other).toEqual(one)
    await expect(team.decide(ben, review, 'approve')).rejects.toMatchObject({ code: 'conflict' })
    await expect(team.decide({ ...keyed }, review, 'reject')).rejects.toMatchObject({ code: 'idempotency_key_reused' })
    expect((await getReview(world.core, ben, review.id)).decisions).toHaveLength(1)
  })

  it('the right to decide is that of the moment', async () => {
    const leaver = await team.join('leo', 'member')
    const { review } = await asked({ approvers: { people: [leaver.handle, ben.handle] } })
    expect((await getReview(world.core, leaver, review.id)).canDecide).toBe(true)
    await removeMember(world.core, team.owner, { teamId: team.teamId, accountId: leaver.accountId })
    await expect(team.decide(leaver, review, 'approve')).rejects.toMatchObject({ code: 'not_found' })
    await updateMember(world.core, team.owner, {
      teamId: team.teamId,
      accountId: ben.accountId,
      change: { role: 'viewer' },
    })
    await expect(team.decide(ben, review, 'approve')).rejects.toMatchObject({ code: 'forbidden' })
    await updateMember(world.core, team.owner, {
      teamId: team.teamId,
      accountId: ben.accountId,
      change: { role: 'member' },
    })
    await team.decide(ben, review, 'approve')
  })

  it('what nobody could decide is refused before it holds money', async () => {
    const before = await findReviews(world.core, team.owner, { limit: 200 })
    for (const review of [
      { approvers: { people: ['nobody-at-all'] } },
      { approvers: { roles: ['owner'] }, selfApproval: false },
    ]) {
      await expect(team.run(result(review as Partial<ReviewDefinition>))).rejects.toMatchObject({
        code: 'bad_request',
        message: /to decide, but nobody here may/,
      })
    }
    const own = { ...team.owner, context: personal(team.owner.accountId) }
    const source = { ...result({ selfApproval: false }), jobId: 'alone', displayName: 'Alone', description: '' }
    await saveJob(world.core, own, { source: source as never, publish: true })
    await expect(submitRun(world.core, own, { target: { job: 'alone' }, inputs: {} })).rejects.toMatchObject({
      code: 'bad_request',
    })
    expect(await findReviews(world.core, team.owner, { limit: 200 })).toEqual(before)
  })

  it('a form: its answers are checked as a whole, and are what the step gives', async () => {
    const schema = {
      type: 'object' as const,
      required: ['title', 'pages'],
      properties: {
        title: { type: 'string' as const, minLength: 3 },
        pages: { type: 'integer' as const },
        mood: { type: 'string' as const, default: 'calm' },
      },
    }
    const runId = await team.run({
      steps: [ask('form', { kind: 'form', schema }), say('said', '{{ steps.form.title }}, {{ steps.form.mood }}')],
      outputs: { text: { step: 'said', output: 'text' } },
    })
    const review = await team.asked(runId)
    await expect(team.decide(ben, review, 'approve')).rejects.toMatchObject({ code: 'bad_input' })
    await expect(team.decide(ben, review, 'submit', { values: { title: 'A', extra: 1 } })).rejects.toMatchObject({
      code: 'bad_input',
      details: { problems: [{ path: 'values.pages' }, { path: 'values.title' }, { path: 'values.extra' }] },
    })
    await expect(team.decide(ben, review, 'request_changes', { comment: 'x' })).rejects.toMatchObject({
      code: 'bad_input',
    })
    await team.decide(ben, review, 'submit', { values: { title: 'Spring', pages: 3 } })
    expect((await team.ended(runId)).outputs).toEqual({ text: 'Spring, calm' })
  })

  it('a choice: one of those that are there, and it is what the step gives', async () => {
    const variants = { variants: { value: [{ id: 'short', text: 'A' }, 'B', { id: 'bad id', text: 'C' }] } }
    const runId = await team.run({
      steps: [
        ask('pick', { kind: 'choose' }, { inputMappings: variants }),
        say('said', '{{ steps.pick.variant.text }} {{ steps.pick.variantId }}'),
      ],
      outputs: { text: { step: 'said', output: 'text' } },
    })
    const review = await team.asked(runId)
    expect(review.variants.map(({ id }) => id)).toEqual(['short', '2', '3'])
    await expect(team.decide(ben, review, 'choose', { variantId: '9' })).rejects.toMatchObject({ code: 'bad_input' })
    await team.decide(ben, review, 'choose', { variantId: 'short' })
    expect((await team.ended(runId)).outputs).toEqual({ text: 'A short' })
  })

  it('a choice among the outputs leaves the chosen one', async () => {
    const runId = await team.run({
      steps: [say('a', 'A'), say('b', 'B')],
      outputs: { first: { step: 'a', output: 'text' }, second: { step: 'b', output: 'text' } },
      review: { kind: 'choose' },
    })
    const review = await team.asked(runId)
    await team.decide(ben, review, 'choose', { variantId: 'second' })
    expect((await team.ended(runId)).outputs).toEqual({ second: 'B' })
  })

  it('a choice among nothing fails its step at once', async () => {
    const runId = await team.run({
      steps: [ask('pick', { kind: 'choose' }, { inputMappings: { variants: { value: [] } } })],
    })
    expect(await team.ended(runId)).toMatchObject({ status: 'failed', error: { code: 'bad_input' } })
  })

  it('a step sent back makes again what is shown and all that saw it, and passes the words to who takes them', async () => {
    const runId = await team.run({
      steps: [
        say('first', 'one'),
        say('draft', 'two{{ review.comment }}'),
        say('upper', '{{ steps.draft.text | upcase }}'),
        ask('ok', { kind: 'decide' }, { inputMappings: { text: { step: 'draft', output: 'text' } } }),
        say('last', '{{ steps.first.text }} {{ steps.upper.text }} {{ steps.ok.decision }} {{ steps.ok.comment }}'),
      ],
      outputs: { text: { step: 'last', output: 'text' } },
    })
    const first = await team.asked(runId)
    expect(first.payload).toEqual({ text: 'two' })
    await expect(team.decide(ben, first, 'request_changes')).rejects.toMatchObject({ code: 'bad_input' })
    await team.decide(ben, first, 'request_changes', { comment: '!' })
    const second = await team.asked(runId, 2)
    expect(second.payload).toEqual({ text: 'two!' })
    await team.decide(ben, second, 'approve', { comment: 'fine' })
    const run = await team.ended(runId)
    expect(run.outputs).toEqual({ text: 'one TWO! approve fine' })
    // Four that ran once, two of them again.
    expect(run.costUsd).toBe('0.003')
  })

  it('is sent back ten times and not oftener', async () => {
    const runId = await team.run(result({}))
    for (let round = 1; round <= 10; round++) {
      await team.decide(ben, await team.asked(runId, round), 'request_changes', { comment: `${round}` })
    }
    const last = await team.asked(runId, 11)
    await expect(team.decide(ben, last, 'request_changes', { comment: 'again' })).rejects.toMatchObject({
      code: 'bad_input',
      message: /often enough/,
    })
    await team.decide(ben, last, 'approve')
    expect(await team.ended(runId)).toMatchObject({ status: 'succeeded', costUsd: '0.0055' })
  })

  it('ends with its run', async () => {
    const { review, runId } = await asked({})
    await cancelRun(world.core, team.owner, runId)
    expect((await team.ended(runId)).status).toBe('cancelled')
    expect(await getReview(world.core, ben, review.id)).toMatchObject({ status: 'expired', reason: /run ended/ })
    await expect(team.decide(ben, review, 'approve')).rejects.toMatchObject({ code: 'conflict', message: /run ended/ })
  })

  it('in a nested job is a question of the run that a person started', async () => {
    const inner = { ...result({}), jobId: 'inner-asked', displayName: 'Inner', description: '' }
    await saveJob(world.core, team.owner, { source: inner as never, publish: true })
    const runId = await team.run({
      steps: [{ stepId: 'nested', jobId: 'inner-asked' }],
      outputs: { text: { step: 'nested', output: 'text' } },
    })
    const review = await team.asked(runId)
    expect(review.runId).toBe(runId)
    await team.decide(ben, review, 'approve')
    expect((await team.ended(runId)).outputs).toEqual({ text: 'Hello' })
  })
})

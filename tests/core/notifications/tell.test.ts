import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Actor } from '#core/actor.ts'
import { askForBudget } from '#core/budgets/ask.ts'
import { declineBudget } from '#core/budgets/decide.ts'
import { fund } from '#core/economy/fund.ts'
import { getRun } from '#core/runs/read.ts'
import { submitRun } from '#core/runs/submit.ts'
import { createSchedule } from '#core/schedules/create.ts'
import { acceptInvitation, declineInvitation } from '#core/teams/accept.ts'
import { createTeam } from '#core/teams/create.ts'
import { inviteMember } from '#core/teams/invitations.ts'
import { removeMember } from '#core/teams/leave.ts'
import { addMember } from '#core/teams/members.ts'
import { transferOwnership } from '#core/teams/ownership.ts'
import { updateTeam } from '#core/teams/update.ts'
import { updateMember } from '#core/teams/update-member.ts'
import { query } from '#db/statement.ts'
import { inTeam } from '#tests/core/economy/people.ts'
import { createReviewTeam, say } from '#tests/core/reviews/people.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createScene, HOUR_MS, type Scene } from './scene.ts'

const GOOD = { target: { tool: 'text.template' }, inputs: { template: 'Hello', data: {} } }
const BAD = { target: { tool: 'data.transform' }, inputs: { data: {}, expression: '$error("no")' } }
const SLOW = { target: { tool: 'wait' }, inputs: { ms: 600_000 } }

describe.each(DIALECTS)('what people are told of, on %s', (dialect) => {
  let scene: Scene
  let ann: Actor
  let ben: Actor
  beforeEach(async () => {
    scene = await createScene(dialect)
    ann = await scene.person('ann')
    ben = await scene.person('ben')
  })
  afterEach(async () => {
    expect(scene.world.errors).toEqual([])
    await scene.end()
  })
  const said = (name: string) => scene.said(`telegram-${name}`)
  const acme = async () => (await createTeam(scene.core, ann, { name: 'Acme' })).id
  const buttonsOf = async (conversation: string): Promise<string[]> => {
    const rows = await query(scene.core.db, (q) =>
      q.selectFrom('outbox').select('reply_json').where('conversation', '=', conversation).orderBy('seq'),
    )
    const tokens = (JSON.parse(rows.at(-1)?.reply_json ?? '[]') as { buttons?: { token: string }[] }[])
      .flatMap(({ buttons = [] }) => buttons)
      .map(({ token }) => token)
    const kept = await query(scene.core.db, (q) => q.selectFrom('button').select(['token', 'command']))
    return tokens.map((token) => kept.find((one) => one.token === token)?.command ?? '')
  }

  const cards = async (conversation: string): Promise<string[]> =>
    (await scene.said(conversation)).filter((one) => /^(review|budget):/.test(one))
  const versions = async (cardKey: string): Promise<number[]> =>
    (await query(scene.core.db, (q) => q.selectFrom('outbox').select('version').where('card_key', '=', cardKey))).map(
      ({ version }) => version,
    )

  it('an invitation, with a button that needs no code and is for nobody else', async () => {
    const { core } = scene
    const teamId = await acme()
    const { id, code } = await inviteMember(core, ann, { teamId, invitee: '@ben' })
    expect(await said('ben')).toEqual(['@ann invites you to Acme, as a member.'])
    expect(await buttonsOf('telegram-ben')).toEqual([`/join ${id}`, `/decline ${id}`])
    const eve = await scene.person('eve')
    await expect(acceptInvitation(core, eve, { code: id })).rejects.toMatchObject({ code: 'not_found' })
    // Once an hour for each team, however often somebody is invited.
    await inviteMember(core, ann, { teamId, invitee: '@ben' })
    expect(await said('ben')).toHaveLength(1)
    expect(await scene.list(ben)).toMatchObject([{ status: 'listed', readAt: null }, { status: 'out' }])
    expect(await acceptInvitation(core, ben, { code: id })).toMatchObject({ teamId, role: 'member' })
    await expect(acceptInvitation(core, ben, { code })).rejects.toMatchObject({ code: 'conflict' })
    const other = await inviteMember(core, ann, { teamId, invitee: '@eve' })
    expect(await declineInvitation(core, eve, { code: other.id })).toEqual({ teamName: 'Acme' })
    // Who is not known here has nobody to be told.
    await inviteMember(core, ann, { teamId, invitee: 'zoe@example.com' })
    expect(
      await query(core.db, (q) => q.selectFrom('notification').selectAll().where('type', '=', 'invitation')),
    ).toHaveLength(3)
  })

  it('what others do about their place in a team, and not what they do themselves', async () => {
    const { core } = scene
    const teamId = await acme()
    await addMember(core, ann, { teamId, accountId: ben.accountId, role: 'member' })
    await addMember(core, ann, { teamId, accountId: ben.accountId, role: 'member' })
    await updateMember(core, ann, { teamId, accountId: ben.accountId, change: { role: 'admin' } })
    await updateMember(core, ann, { teamId, accountId: ben.accountId, change: { spendingCapUsd: '5' } })
    await transferOwnership(core, ann, { teamId, accountId: ben.accountId })
    await removeMember(core, ben, { teamId, accountId: ann.accountId })
    expect(await said('ben')).toEqual([
      '@ann has put you into Acme, as a member.',
      '@ann has made you an admin of Acme.',
      '@ann has handed Acme over to you: you are its owner now.',
    ])
    expect(await said('ann')).toEqual(['@ben has taken you out of Acme.'])
  })

  it('a request for more, by a card that is answered in place, and the answer', async () => {
    const { core } = scene
    const teamId = await acme()
    await addMember(core, ann, { teamId, accountId: ben.accountId, role: 'member' })
    await scene.choose(ann, { quietHours: { from: scene.time(-HOUR_MS), to: scene.time(HOUR_MS) } })
    const request = await askForBudget(core, inTeam(ben, teamId), { limit: 'available', amount: '5' })
    const card = `budget:${request.id}`
    // She sleeps: the card waits, and if somebody else answers meanwhile it never comes.
    expect(await said('ann')).toEqual([])
    await scene.work()
    scene.clock.advance(HOUR_MS)
    await eventually(async () => expect(await said('ann')).toEqual([card]))
    expect(await versions(card)).toEqual([1])
    await declineBudget(core, inTeam(ann, teamId), { requestId: request.id, reason: 'Not now' })
    expect(await versions(card)).toEqual([2])
    expect(await said('ann')).toEqual([card])
    expect((await said('ben')).at(-1)).toMatch(/^@ann declined your request for \$5\.00 more .*: Not now$/)
  })

  it('a review, by a card that waits while they sleep, and never comes when it is decided by then', async () => {
    const team = await createReviewTeam(scene.world)
    const [cem, dan] = [await team.join('cem', 'member'), await team.join('dan', 'member')]
    const review = { kind: 'decide' as const, approvers: { people: [cem.handle, dan.handle] } }
    const job = { steps: [say('draft', 'Hello')], outputs: { text: { step: 'draft', output: 'text' } }, review }
    await scene.choose(cem, { quietHours: { from: scene.time(-HOUR_MS), to: scene.time(HOUR_MS) } })
    await scene.work()
    const first = await team.asked(await team.run(job))
    const second = await team.asked(await team.run(job))
    const [cemSaw, danSaw] = [() => cards(`web_${cem.accountId}`), () => cards(`web_${dan.accountId}`)]
    expect([await cemSaw(), await danSaw()]).toEqual([[], [`review:${first.id}`, `review:${second.id}`]])
    await team.decide(dan, first, 'approve')
    await team.ended(first.runId)
    expect(await cemSaw()).toEqual([])
    scene.clock.advance(HOUR_MS)
    await eventually(async () => expect(await cemSaw()).toEqual([`review:${second.id}`]))
    const asked = (await scene.list(cem)).filter(({ type }) => type === 'review_asked')
    expect(asked.map(({ subject, status }) => [subject, status])).toEqual([
      [second.id, 'out'],
      [first.id, 'listed'],
    ])
    await team.decide(cem, second, 'approve')
    expect(await versions(`review:${second.id}`)).toEqual([2, 2])
    // Who started it over the API is told what became of it.
    expect((await scene.said(`web_${team.owner.accountId}`)).filter((one) => one.includes('approved'))).toHaveLength(2)
  })

  it('on the channels they have chosen, for all or for a type, else on all they use', async () => {
    const cem = await scene.person('cem', ['telegram', 'slack'])
    const none = await scene.person('none', [])
    await scene.tell(cem, { text: 'One' })
    await scene.choose(cem, { channels: ['slack'], types: { budget: { channels: ['web'] } } })
    await scene.tell(cem, { text: 'Two' })
    await scene.tell(cem, { type: 'budget', text: 'Three' })
    await scene.tell(none, { text: 'Four' })
    expect(await scene.said('telegram-cem')).toEqual(['One'])
    expect(await scene.said('slack-cem')).toEqual(['One', 'Two'])
    expect(await scene.said(`web_${cem.accountId}`)).toEqual(['Three'])
    expect(await scene.said(`web_${none.accountId}`)).toEqual(['Four'])
    // Where it belongs, for who has chosen nothing.
    const place = { channel: 'telegram', conversation: 'group', onlyFor: 'ann' }
    await scene.tell(ann, { text: 'Here', place })
    await scene.tell(cem, { text: 'There', place })
    expect(await scene.said('group')).toEqual(['Here'])
    expect(await scene.said('slack-cem')).toEqual(['One', 'Two', 'There'])
  })

  it('what a team does not tell of stands in the list, read; so does what somebody has turned off', async () => {
    const teamId = await acme()
    await updateTeam(scene.core, ann, { teamId, change: { notifications: { low_balance: false } } })
    const { context } = inTeam(ann, teamId)
    await scene.tell(ann, { type: 'low_balance', context, text: 'Low' })
    await scene.choose(ann, { types: { schedule_missed: { deliver: 'off' } } })
    await scene.tell(ann, { text: 'Missed' })
    expect(await said('ann')).toEqual([])
    const listed = await scene.list(ann)
    expect(listed.map(({ text, status, readAt }) => [text, status, readAt !== null])).toEqual([
      ['Missed', 'listed', true],
      ['Low', 'listed', true],
    ])
    await scene.choose(ann, { types: { low_balance: { deliver: 'now' } } })
    await scene.tell(ann, { type: 'low_balance', context, text: 'Low again' })
    expect(await said('ann')).toEqual(['Low again'])
  })

  it('long things whole, and in one line of the list', async () => {
    const words = `${'A long story. '.repeat(40)}\nThe end.`
    await scene.tell(ann, { text: words })
    expect(await said('ann')).toEqual([words])
    const [listed] = await scene.list(ann)
    expect([listed?.text.length, listed?.text.endsWith('…')]).toEqual([301, true])
  })

  it('nothing, when their account is closed', async () => {
    await scene.core.db.write((tx) =>
      query(tx, (q) => q.updateTable('account').set({ disabled_at_ms: 1 }).where('id', '=', ann.accountId)),
    )
    await scene.tell(ann)
    expect([await said('ann'), await scene.list(ann)]).toEqual([[], []])
  })

  describe('a run that ended', () => {
    const ended = async (actor: Actor, request: Parameters<typeof submitRun>[2], status: string): Promise<string> => {
      const { runId } = await submitRun(scene.core, actor, request)
      await untilEnd(actor, runId, status)
      return runId
    }
    const untilEnd = (actor: Actor, runId: string, status: string) =>
      eventually(async () => expect((await getRun(scene.core, actor, runId)).status).toBe(status))
    const news = async (actor: Actor) =>
      (await scene.list(actor))
        .filter(({ type }) => type === 'run_ended')
        .map(({ text, status }) => `${status}: ${text}`)

    it('over the API is told when it went wrong or took long, and once an hour for each job', async () => {
      await scene.work()
      await ended(ann, GOOD, 'succeeded')
      expect(await news(ann)).toEqual([])
      const runId = await ended(ann, BAD, 'failed')
      expect(await said('ann')).toEqual([expect.stringMatching(/failed: .*no/)])
      expect(await buttonsOf('telegram-ann')).toEqual([`/status ${runId}`, `/retry ${runId}`])
      await ended(ann, BAD, 'failed')
      expect(await said('ann')).toHaveLength(1)
      expect(await news(ann)).toEqual([expect.stringMatching(/^listed: /), expect.stringMatching(/^out: /)])
      const { runId: slow } = await submitRun(scene.core, ben, SLOW)
      await eventually(async () => expect((await getRun(scene.core, ben, slow)).status).toBe('waiting'))
      scene.clock.advance(700_000)
      await untilEnd(ben, slow, 'succeeded')
      expect(await said('ben')).toEqual([expect.stringMatching(/ is done\.$/)])
    })

    it('in a chat is told where others read along and it took long; in one’s own the result is there', async () => {
      await scene.work()
      const from = (conversation: string, request: Parameters<typeof submitRun>[2], actor = ann) =>
        submitRun(scene.core, { ...actor, channel: 'telegram' }, { ...request, conversation })
      const all = [
        await from('telegram-ann', BAD),
        await from('group', GOOD),
        await from('group', BAD),
        await from('telegram-ann', SLOW),
        await from('group', SLOW, ben),
      ].map(({ runId }) => runId)
      // The quick ones are over before time goes on.
      for (const [place, status] of ['failed', 'succeeded', 'failed', 'waiting'].entries()) {
        await untilEnd(ann, all[place] ?? '', status)
      }
      await untilEnd(ben, all[4] ?? '', 'waiting')
      scene.clock.advance(700_000)
      await untilEnd(ann, all[3] ?? '', 'succeeded')
      await untilEnd(ben, all[4] ?? '', 'succeeded')
      expect(await news(ann)).toEqual([])
      expect(await news(ben)).toEqual([expect.stringMatching(/^out: .* is done\.$/)])
      expect((await said('ben')).at(-1)).toMatch(/ is done\.$/)
    })

    it('of a schedule without a place of its own is told, with its last one that it is over', async () => {
      await scene.work()
      const teamId = await acme()
      const owner = inTeam(ann, teamId)
      await fund(scene.core, { ...owner, requestKey: 'f' }, { context: owner.context, amountUsd: '5' })
      const { target, inputs } = GOOD
      await createSchedule(scene.core, owner, {
        jobId: target.tool,
        inputs,
        kind: 'interval',
        everyMs: 60_000,
        maxRuns: 2,
      })
      scene.clock.advance(60_000)
      await eventually(async () => expect(await news(ann)).toEqual([expect.stringMatching(/^out: .* is done\.$/)]))
      scene.clock.advance(60_000)
      await eventually(async () => expect(await news(ann)).toHaveLength(2))
      const words = (await said('ann')).filter((one) => one.startsWith('Schedule'))
      expect(words).toEqual([expect.stringContaining('This was its last run: it has run as often as it was to.')])
    })
  })
})

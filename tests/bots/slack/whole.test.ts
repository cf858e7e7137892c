import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { actorFor } from '#core/contexts/actor-for.ts'
import { findRunsOf } from '#core/runs/of-person.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWhole, type Whole } from './whole.ts'

const ANN = 'U0ANN'
const COUNTED = `jobId: counted
displayName: Counted
description: Says how many.
inputSchema:
  type: object
  required: [many]
  properties:
    many: { type: integer, title: How many, minimum: 3 }
steps:
  - stepId: say
    toolId: text.template
    inputMappings:
      template: { template: "{{ input.many }} of them" }
outputs:
  words: { step: say, output: text }
`

describe.each(DIALECTS)('Slack with everything behind it, on %s', (dialect) => {
  let whole: Whole

  beforeEach(async () => {
    whole = await createWhole(dialect)
  })

  afterEach(async () => {
    expect(whole.peer.violations).toEqual([])
    expect(whole.world.errors).toEqual([])
    await whole.end()
  })

  const surfaces = () => whole.peer.surfaces
  const homeText = (user = ANN) => JSON.stringify(surfaces().home(user)?.blocks ?? [])

  async function runsOf(user: string): Promise<string[]> {
    const { core } = whole.world
    const { actor } = await actorFor(core, { accountId: whole.accountId(user), channel: 'slack' })
    return (await findRunsOf(core, actor, actor.accountId, { limit: 20 })).items.map(({ status }) => status)
  }

  test('a command without its inputs opens a dialog; wrong ones stand under their fields, right ones start the run', async () => {
    await whole.peer.slash('C0TEAM', ANN, '/muster', 'run release-notes')
    const dialog = await surfaces().waitForDialog(ANN)
    expect(dialog.title).toBe('Release notes')
    await surfaces().submit(ANN, { Commits: 'feat: faster start\nfix: no crash' })
    expect(surfaces().dialog(ANN)).toBeUndefined()
    await whole.peer.waitForMessage('C0TEAM', ({ text }) => text.includes('faster start'))
    await eventually(async () => expect(await runsOf(ANN)).toEqual(['succeeded']))
  })

  test('a wrong value stands under its field, with nothing started; the right one starts the run', async () => {
    const direct = await whole.peer.direct(ANN)
    await whole.peer.say(direct, ANN, `/publish\n${COUNTED}`)
    await whole.peer.waitForMessage(direct, 'counted')
    await whole.peer.slash('C0TEAM', ANN, '/muster', 'run counted')
    await surfaces().waitForDialog(ANN)
    expect(Object.keys(await surfaces().submit(ANN, { 'How many': '2' }))).toEqual(['many'])
    expect(surfaces().dialog(ANN)).toBeDefined()
    expect(await runsOf(ANN)).toEqual([])
    expect(await surfaces().submit(ANN, { 'How many': '5' })).toEqual({})
    await whole.peer.waitForMessage('C0TEAM', ({ text }) => text.includes('5 of them'))
    await eventually(async () => expect(await runsOf(ANN)).toEqual(['succeeded']))
  })

  test('sent twice a form starts one run', async () => {
    await whole.peer.slash('C0TEAM', ANN, '/muster', 'run release-notes')
    await surfaces().waitForDialog(ANN)
    await surfaces().submit(ANN, { Commits: 'feat: once' })
    const delivery = whole.peer.deliveries.findLast(({ payload }) => payload.type === 'view_submission')
    if (!delivery) throw new Error('Nothing was sent')
    for (let attempt = 1; attempt <= 3; attempt++) await whole.peer.redeliver(delivery, attempt)
    await whole.peer.waitForMessage('C0TEAM', ({ text }) => text.includes('once'))
    await eventually(async () => expect(await runsOf(ANN)).toEqual(['succeeded']))
  })

  test('closed by mistake, what was typed is on a card whose button brings the dialog back', async () => {
    await whole.peer.slash('C0TEAM', ANN, '/muster', 'run release-notes')
    await surfaces().waitForDialog(ANN)
    await surfaces().closeDialog(ANN, { Commits: 'feat: half' })
    const card = await whole.peer.waitForMessage('C0TEAM', ({ buttons }) => buttons.includes('Fill in'))
    expect(card.text).toContain('feat: half')
    await whole.peer.press('C0TEAM', ANN, card.ts, 'Fill in')
    const again = await surfaces().waitForDialog(ANN)
    expect(JSON.stringify(again.blocks)).toContain('feat: half')
    await surfaces().submit(ANN)
    await eventually(async () => expect(await runsOf(ANN)).toEqual(['succeeded']))
  })

  test('closed untouched, nothing comes of it', async () => {
    await whole.peer.slash('C0TEAM', ANN, '/muster', 'run release-notes')
    await surfaces().waitForDialog(ANN)
    await surfaces().closeDialog(ANN)
    await whole.peer.slash('C0TEAM', ANN, '/muster', 'whoami')
    await eventually(async () => expect(JSON.stringify(await whole.peer.ephemeral('C0TEAM', ANN))).toContain('@ann'))
    expect((await whole.peer.messages('C0TEAM')).filter(({ buttons }) => buttons.includes('Fill in'))).toEqual([])
  })

  test('the shortcut beside a message asks which job, and its words are what the job works on', async () => {
    const ts = await whole.peer.say('C0TEAM', 'U0BEN', 'feat: from the channel')
    await surfaces().shortcut(ANN, 'run_on_message', { channel: 'C0TEAM', ts })
    await surfaces().waitForDialog(ANN, 'Run a job')
    await surfaces().submit(ANN, { Job: 'Release notes' })
    if (surfaces().dialog(ANN)) await surfaces().submit(ANN)
    await whole.peer.waitForMessage(
      'C0TEAM',
      ({ text }) => text.includes('from the channel') && text.includes('Features'),
    )
  })

  test('the file of a message that the shortcut stands beside is what the job works on', async () => {
    const bytes = new TextEncoder().encode('feat: from a file\n')
    const ts = await whole.peer.share('C0TEAM', 'U0BEN', { name: 'log.txt', bytes }, 'here is the log')
    await surfaces().shortcut(ANN, 'run_on_message', { channel: 'C0TEAM', ts })
    await surfaces().waitForDialog(ANN, 'Run a job')
    await surfaces().submit(ANN, { Job: 'Release notes' })
    expect(JSON.stringify(surfaces().dialog(ANN)?.blocks)).toContain('log.txt is there already')
    await surfaces().submit(ANN)
    await whole.peer.waitForMessage('C0TEAM', ({ text }) => text.includes('Features') && text.includes('from a file'))
  })

  test('the Home tab shows who pays, runs a job from its button, and keeps up with the run', async () => {
    await surfaces().openHome(ANN)
    await eventually(() => expect(homeText()).toContain('Personal pays'))
    expect(homeText()).toContain('Nothing waits for you.')
    await surfaces().pressHome(ANN, 'Release notes')
    await surfaces().waitForDialog(ANN)
    await surfaces().submit(ANN, { Commits: 'feat: from home' })
    const direct = await whole.peer.direct(ANN)
    await whole.peer.waitForMessage(direct, ({ text }) => text.includes('from home'))
    await eventually(() => expect(homeText()).toContain('release-notes · succeeded'), 10_000)
    await surfaces().pressHome(ANN, 'Show release-notes')
    await whole.peer.waitForMessage(direct, ({ buttons }) => buttons.includes('Run again'))
    // Nobody takes the Home tab for a conversation: what is to be told is told in the direct messages.
    await whole.peer.slash('C0TEAM', ANN, '/muster', 'balance')
    await eventually(async () => expect(await whole.peer.ephemeral('C0TEAM', ANN)).not.toEqual([]))
  })

  test('a log that is longer than a field of Slack’s goes in as a file', async () => {
    await whole.peer.slash('C0TEAM', ANN, '/muster', 'run release-notes')
    await surfaces().waitForDialog(ANN)
    expect(Object.values(await surfaces().submit(ANN))).toEqual(['This is needed.'])
    const log = Array.from({ length: 200 }, (_, index) => `feat: change number ${index}`).join('\n')
    const file = surfaces().file('log.txt', new TextEncoder().encode(log))
    expect(await surfaces().submit(ANN, { 'Commits, as a file': file })).toEqual({})
    await whole.peer.waitForMessage('C0TEAM', ({ text }) => text.includes('change number 82'))
    await eventually(async () => expect(await runsOf(ANN)).toEqual(['succeeded']))
  })

  test('what people are called and what they write acts nowhere on the Home tab', async () => {
    const direct = await whole.peer.direct(ANN)
    const name = '<!channel> *Evil* <https://evil.example|bank>'
    await whole.peer.say(direct, ANN, `/createteam "${name.replaceAll('<', '&lt;').replaceAll('>', '&gt;')}"`)
    await whole.peer.waitForMessage(direct, 'Evil')
    await surfaces().openHome(ANN)
    await eventually(() => expect(homeText()).toContain('<!channel>'))
    const live = JSON.stringify(surfaces().home(ANN)?.blocks).match(/"type":"(mrkdwn|user|broadcast|link)"/g)
    expect(live).toBeNull()
  })

  test('the context is switched from the Home tab, which then shows the other one', async () => {
    await whole.peer.say(await whole.peer.direct(ANN), ANN, '/createteam Acme Rockets')
    await whole.peer.waitForMessage(await whole.peer.direct(ANN), 'Acme Rockets')
    await surfaces().openHome(ANN)
    const other = await eventually(() => {
      const label = /"text":"(Let [^"]* pay)"/.exec(homeText())?.[1]
      if (!label) throw new Error('No other context yet')
      return label
    })
    const before = /"text":"([^"]*) pays ·/.exec(homeText())?.[1]
    await surfaces().pressHome(ANN, other)
    await eventually(() => expect(/"text":"([^"]*) pays ·/.exec(homeText())?.[1]).not.toBe(before), 10_000)
  })

  test('opened again it is shown again, also when nothing has changed; a stranger sees how to get in', async () => {
    await surfaces().openHome(ANN)
    await eventually(() => expect(homeText()).toContain('pays'))
    const published = () => whole.peer.callsOf('views.publish').length
    const before = published()
    await surfaces().openHome(ANN)
    await eventually(() => expect(published()).toBe(before + 1))
    // Somebody who manages the app has switched the tab off, and on again.
    whole.peer.failNext({ method: 'views.publish', fault: { refusal: 'not_enabled' } })
    await surfaces().openHome(ANN)
    await eventually(() => expect(published()).toBe(before + 2))
    await eventually(async () => {
      const refused = await query(whole.world.core.db, (q) =>
        q.selectFrom('outbox').select('seq').where('status', '=', 'undelivered'),
      )
      expect(refused).toHaveLength(1)
    })
    await surfaces().openHome(ANN)
    await eventually(() => expect(whole.peer.callsOf('views.publish').at(-1)?.result).toMatchObject({ ok: true }))
    await surfaces().openHome('U0EVE')
    await eventually(() => expect(homeText('U0EVE')).toContain('I only work for people who are known here'))
  })
})

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Incoming } from '#core/chat/message.ts'
import { eventually } from '../../support/eventually.ts'
import { type Mode, SlackHarness } from './harness.ts'
import { field, TestDesk } from './test-desk.ts'

const ANN = 'U0ANN'
const number = (value: string) => (/^\d+$/.test(value) ? undefined : 'Must be a whole number.')

describe.each<Mode>(['socket', 'http'])('dialogs of Slack over %s', (mode) => {
  let slack: SlackHarness

  beforeAll(async () => {
    slack = await SlackHarness.start(mode)
  })

  afterEach(() => {
    slack.peer.clearFaults()
    slack.onReceive = async () => {}
    slack.taken()
    expect(slack.peer.violations).toEqual([])
  })

  afterAll(() => slack.end())

  /** Somebody uses the slash command, and its answer is the form. */
  async function opened(desk: TestDesk, channel = 'C0TEAM'): Promise<Incoming> {
    slack.forms = desk
    await slack.peer.slash(channel, ANN, '/muster', 'run release-notes')
    const [incoming] = slack.taken()
    if (!incoming) throw new Error('Nothing came in')
    expect(await slack.channel.openForm?.(incoming, desk.form())).toBe(true)
    return incoming
  }

  const dialog = () => slack.peer.surfaces.dialog(ANN)
  const submit = (given: Parameters<typeof slack.peer.surfaces.submit>[1] = {}) =>
    slack.peer.surfaces.submit(ANN, given)

  test('a form is opened, filled in and sent: stored before the dialog closes', async () => {
    const desk = new TestDesk([
      field('title', { label: 'Title' }),
      field('commits', { kind: 'multiline', required: false }),
    ])
    await opened(desk)
    expect(dialog()).toMatchObject({ title: 'Release notes', submit: 'Run' })
    let wasOpen: boolean | undefined
    slack.onReceive = async () => void (wasOpen = dialog() !== undefined)
    await submit({ Title: 'Spring', commits: 'feat: a\nfix: b' })
    expect(wasOpen).toBe(true)
    expect(dialog()).toBeUndefined()
    expect(desk.given).toEqual({ title: 'Spring', commits: 'feat: a\nfix: b' })
    const [sent] = slack.taken()
    expect(sent).toMatchObject({
      channel: 'slack',
      conversation: 'C0TEAM',
      isPrivate: false,
      text: '',
      form: { formId: 'form_1' },
      isAddressed: true,
      sender: { externalId: 'T0PEER:U0ANN', name: 'ann' },
    })
    expect(sent?.hints).toMatchObject({ response_for: 'T0PEER:U0ANN', trigger_id: expect.any(String) })
  })

  test('what is wrong stands under its field, and the dialog stays as it is', async () => {
    const desk = new TestDesk([field('title'), field('count', { label: 'How many', check: number })])
    await opened(desk)
    expect(await submit({ title: 'Spring', 'How many': 'lots' })).toEqual({ count: 'Must be a whole number.' })
    expect(slack.taken()).toEqual([])
    expect(desk.given).toEqual({ title: 'Spring', count: 'lots' })
    expect(await submit({ title: 'Spring', 'How many': '3' })).toEqual({})
    expect(dialog()).toBeUndefined()
    expect(slack.taken()).toHaveLength(1)
  })

  test('what was chosen may ask for more: the dialog goes on with the new field and keeps the others', async () => {
    const kinds = ['text', 'file', 'link'].map((value) => ({ value, label: `A ${value}` }))
    const desk = new TestDesk(({ from }) => [
      field('from', { kind: 'choice', options: kinds }),
      ...(from === 'link' ? [field('address')] : []),
    ])
    await opened(desk)
    await submit({ from: 'A link' })
    expect(slack.taken()).toEqual([])
    expect(dialog()?.blocks.map(({ block_id }) => block_id)).toEqual(['from', 'address'])
    await submit({ from: 'A link', address: 'https://example.org' })
    expect(desk.given).toEqual({ from: 'link', address: 'https://example.org' })
    expect(slack.taken()).toHaveLength(1)
  })

  test('more fields than fit come page by page, and an earlier page comes back for what is wrong on it', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `field ${index}`)
    let isStrict = false
    const desk = new TestDesk(() =>
      names.map((name) => field(name, { required: false, check: () => (isStrict ? 'Not any more.' : undefined) })),
    )
    await opened(desk)
    expect(dialog()?.submit).toBe('Next')
    await submit({ 'field 0': 'first' })
    expect(dialog()).toMatchObject({ submit: 'Run' })
    expect(dialog()?.blocks.some(({ block_id }) => block_id === 'field 99')).toBe(true)
    isStrict = true
    await submit()
    expect(slack.taken()).toEqual([])
    const back = dialog()?.blocks.find(({ block_id }) => block_id === 'field 0')
    expect(back).toMatchObject({ element: { initial_value: 'first' }, hint: { text: '✗ Not any more.' } })
    isStrict = false
    await submit({ 'field 0': 'mended' })
    await submit()
    expect(desk.given).toEqual({ 'field 0': 'mended' })
    expect(slack.taken()).toHaveLength(1)
  })

  test('every kind of field comes back as it was given; what is emptied is taken back', async () => {
    const many = Array.from({ length: 150 }, (_, index) => ({ value: `v${index}`, label: `Choice ${index}` }))
    const desk = new TestDesk([
      field('words', { value: 'old words' }),
      field('lines', { kind: 'multiline', required: false, value: 'one\ntwo' }),
      field('share', { kind: 'number', usual: '0.5' }),
      field('count', { kind: 'integer', value: '7' }),
      field('loud', { kind: 'boolean', value: 'yes' }),
      field('one', { kind: 'choice', options: many, value: 'v149' }),
      field('data', { kind: 'json', required: false }),
      field('file', { kind: 'file', required: false }),
    ])
    await opened(desk)
    const file = slack.peer.surfaces.file('log.txt', new TextEncoder().encode('feat: a'))
    await submit({ words: 'new', lines: null, share: '1.25', loud: 'No', data: '{"a":[1]}', file })
    expect(desk.fills[0]?.values).toEqual({
      words: 'new',
      lines: null,
      share: '1.25',
      count: '7',
      loud: 'no',
      one: 'v149',
      data: '{"a":[1]}',
    })
    const taken = desk.fills[0]?.files?.file
    expect(taken).toMatchObject({ name: 'log.txt', mediaType: 'text/plain', sizeBytes: 7 })
    if (!taken) throw new Error('No file came')
    expect(new TextDecoder().decode(await slack.channel.download(taken))).toBe('feat: a')
  })

  test('what is too long for a dialog, and a file, stay as they are until something takes their place', async () => {
    const log = 'feat: a\n'.repeat(1_000)
    const desk = new TestDesk([
      field('commits', { kind: 'multiline' }),
      field('file', { kind: 'file' }),
      field('title', { required: false }),
    ])
    Object.assign(desk.given, { commits: log, file: 'log.txt' })
    await opened(desk)
    expect(JSON.stringify(dialog()?.blocks)).toContain('8,000 characters are there already')
    expect(JSON.stringify(dialog()?.blocks)).toContain('log.txt is there already')
    await submit({ title: 'Spring' })
    expect(desk.given).toEqual({ commits: log, file: 'log.txt', title: 'Spring' })
    await opened(desk)
    await submit({ commits: 'fix: b' })
    expect(desk.given.commits).toBe('fix: b')
  })

  test('a long text may be given as a file, which stays until something takes its place', async () => {
    const desk = new TestDesk([
      field('commits', { label: 'Commits', kind: 'multiline', takesFile: true }),
      field('title'),
    ])
    await opened(desk)
    const file = slack.peer.surfaces.file('log.txt', new TextEncoder().encode('feat: a\n'.repeat(2_000)))
    await submit({ 'Commits, as a file': file, title: 'Spring' })
    expect(desk.fills[0]).toMatchObject({
      values: { title: 'Spring' },
      files: { commits: { name: 'log.txt', sizeBytes: 16_000 } },
    })
    expect(slack.taken()).toHaveLength(1)
    await opened(desk)
    expect(JSON.stringify(dialog()?.blocks)).toContain('log.txt is there already')
    await submit({ title: 'Summer' })
    expect(desk.given).toEqual({ commits: 'log.txt', title: 'Summer' })
    expect(desk.files.has('commits')).toBe(true)
    await opened(desk)
    await submit({ Commits: 'fix: b' })
    expect(desk.given.commits).toBe('fix: b')
    expect(desk.files.has('commits')).toBe(false)
  })

  test('a long text that is needed and given in neither way is asked for under its field', async () => {
    const needed = (value?: string) => (value === undefined ? 'This is needed.' : undefined)
    const desk = new TestDesk(({ commits }) => [
      field('commits', {
        kind: 'multiline',
        takesFile: true,
        ...(needed(commits) ? { problem: 'This is needed.' } : {}),
      }),
    ])
    await opened(desk)
    expect(await submit()).toEqual({ commits: 'This is needed.' })
    expect(slack.taken()).toEqual([])
  })

  test('sent twice, by Slack or by somebody who saw no answer, it is stored once', async () => {
    const desk = new TestDesk([field('title')])
    const restarted = new TestDesk([field('title')])
    await opened(desk)
    await submit({ title: 'Spring' })
    const delivery = slack.peer.deliveries.at(-1)
    if (!delivery) throw new Error('Nothing was delivered')
    desk.isOver = true
    const again = await slack.peer.redeliver(delivery)
    await eventually(() => expect(again).toMatchObject({ isAcknowledged: true, answer: { response_action: 'clear' } }))
    expect(slack.taken()).toHaveLength(1)
    // A new process does not know the dialog, but the id of what comes is the same: the inbox keeps one.
    slack.forms = restarted
    await slack.restart()
    const third = await slack.peer.redeliver(delivery)
    await eventually(() => expect(third.isAcknowledged).toBe(true))
    const [taken] = slack.taken()
    expect(taken?.deliveryId).toBe(idOf(delivery))
  })

  function idOf({ payload }: { payload: Readonly<Record<string, unknown>> }): string {
    const { id, hash } = payload.view as { id: string; hash: string }
    return `${id}:${hash}`
  }

  test('what could not be stored is not acknowledged, and the dialog is still there to be sent again', async () => {
    const desk = new TestDesk([field('title')])
    await opened(desk)
    slack.onReceive = async () => {
      throw new Error('The database is full')
    }
    const before = slack.peer.deliveries.length
    const failing = submit({ title: 'Spring' }).catch(() => {})
    await eventually(() =>
      expect(slack.logged.some(({ message }) => message.includes('could not be stored'))).toBe(true),
    )
    expect(slack.peer.deliveries[before]?.isAcknowledged).toBe(false)
    await failing
    slack.onReceive = async () => {}
    await opened(desk)
    await submit({ title: 'Spring' })
    expect(slack.taken()).toHaveLength(1)
  })

  test('a form that is over, or somebody else’s, says so and loses nothing that was typed', async () => {
    const desk = new TestDesk([field('title')])
    await opened(desk)
    desk.isOver = true
    expect((await submit({ title: 'Spring' })).title).toContain('This form is over')
    expect(dialog()).toBeDefined()
    desk.isOver = false
    desk.owner = 'T0PEER:U0BEN'
    expect((await submit({ title: 'Spring' })).title).toContain('This form is over')
    expect(slack.taken()).toEqual([])
    expect(desk.given).toEqual({})
  })

  test('a closed dialog is not sent: what was typed is kept, and the form is asked to show its card', async () => {
    const desk = new TestDesk([field('title'), field('commits', { kind: 'multiline', value: 'feat: a' })])
    await opened(desk)
    await slack.peer.surfaces.closeDialog(ANN, { title: 'Half a ti', commits: null })
    const [closed, ...others] = slack.taken()
    expect(others).toEqual([])
    expect(closed).toMatchObject({ conversation: 'C0TEAM', text: '/fillin form_1 open', isAddressed: true })
    expect(closed?.form).toBeUndefined()
    expect(closed?.hints?.trigger_id).toBeUndefined()
    expect(desk.fills).toEqual([{ values: { title: 'Half a ti' }, files: {} }])
    await opened(desk)
    expect(dialog()?.blocks[0]).toMatchObject({ element: { initial_value: 'Half a ti' } })
  })

  test('a trigger opens one dialog; what Slack refuses is answered with false', async () => {
    const desk = new TestDesk([field('title')])
    const incoming = await opened(desk)
    expect(await slack.channel.openForm?.(incoming, desk.form())).toBe(false)
    const { hints: _, ...plain } = incoming
    expect(await slack.channel.openForm?.(plain, desk.form())).toBe(false)
    slack.peer.failNext({ method: 'views.open', fault: { refusal: 'expired_trigger_id' } })
    await slack.peer.slash('C0TEAM', ANN, '/muster', 'run release-notes')
    const [late] = slack.taken()
    expect(late && (await slack.channel.openForm?.(late, desk.form()))).toBe(false)
    slack.peer.failNext({ method: 'views.open', fault: 'drop-before' })
    await slack.peer.slash('C0TEAM', ANN, '/muster', 'run release-notes')
    const [lost] = slack.taken()
    expect(lost && (await slack.channel.openForm?.(lost, desk.form()))).toBe(false)
  })

  test('a button opens a dialog too, and its answer belongs where the button is', async () => {
    const root = await slack.peer.say('C0TEAM', ANN, 'the plan')
    const buttons = { type: 'buttons' as const, buttons: [{ label: 'Fill in', token: 'tok_fill' }] }
    const sent = await slack.channel.send(slack.message(`C0TEAM:${root}`, ['A form', buttons]))
    const ts = sent.outcome === 'sent' ? (sent.messageRef.split('/')[1] ?? '') : ''
    await slack.peer.press('C0TEAM', ANN, ts, 'Fill in')
    const [pressed] = slack.taken()
    const desk = new TestDesk([field('title')])
    slack.forms = desk
    expect(pressed && (await slack.channel.openForm?.(pressed, desk.form()))).toBe(true)
    await submit({ title: 'Spring' })
    expect(slack.taken()).toMatchObject([{ conversation: `C0TEAM:${root}`, form: { formId: 'form_1' } }])
  })

  test('a form that becomes another one shows it first, also when that asks for nothing', async () => {
    const jobs = [{ value: 'plain', label: 'Plain' }]
    const shape = ({ job }: Readonly<Record<string, string>>) =>
      job
        ? { title: 'Plain', submitLabel: 'Run it', note: 'It costs $0.10.' }
        : { title: 'Run a job', submitLabel: 'Go on' }
    const desk = new TestDesk(({ job }) => (job ? [] : [field('job', { kind: 'choice', options: jobs })]), shape)
    await opened(desk)
    await submit({ job: 'Plain' })
    expect(slack.taken()).toEqual([])
    expect(dialog()).toMatchObject({ title: 'Plain', submit: 'Run it' })
    expect(JSON.stringify(dialog()?.blocks)).toContain('$0.10')
    await submit()
    expect(slack.taken()).toHaveLength(1)
  })

  test('a form without anything to ask is still sent by its button', async () => {
    const desk = new TestDesk([], {
      note: 'This costs money.',
      title: 'A title that is longer than Slack has room for',
    })
    await opened(desk)
    expect(dialog()?.title).toHaveLength(24)
    await submit()
    expect(slack.taken()).toMatchObject([{ form: { formId: 'form_1' } }])
  })
})

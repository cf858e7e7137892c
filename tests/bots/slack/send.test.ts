import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Part } from '#core/chat/message.ts'
import type { SendResult } from '#core/chat/sender.ts'
import type { Block } from '#tests/peers/slack/index.ts'
import { SlackHarness } from './harness.ts'

let slack: SlackHarness

beforeAll(async () => {
  slack = await SlackHarness.start('socket')
})

afterEach(() => {
  slack.peer.clearFaults()
  slack.taken()
  expect(slack.peer.violations).toEqual([])
})

afterAll(() => slack.end())

const refOf = (result: SendResult): string => {
  if (result.outcome !== 'sent') throw new Error(`${result.outcome}: ${'reason' in result ? result.reason : ''}`)
  return result.messageRef
}

const HOSTILE =
  '<!channel> @here <@U0ANN> <https://evil.org|bank.com> &lt;b&gt; *bold* _x_ `code` </script>\u202egnp.exe'

test('every kind of part arrives within the limits, and reads as it should', async () => {
  const parts: Part[] = [
    { type: 'text', text: 'Balance', style: 'heading' },
    { type: 'text', text: 'All is well.', style: 'strong' },
    { type: 'text', text: 'As of now', style: 'muted' },
    {
      type: 'fields',
      fields: [
        { label: 'Team', value: 'Acme' },
        { label: 'Left', value: '$41.20' },
      ],
    },
    { type: 'list', items: ['first', 'second'], ordered: true },
    {
      type: 'table',
      columns: ['job', 'cost'],
      rows: [
        ['brief', '$0.10'],
        ['notes', '$12.00'],
      ],
    },
    { type: 'code', text: 'const a = 1 < 2' },
    { type: 'markdown', text: '# Title\n\nSome **bold** and [a link](https://example.org/x).\n\n- one\n  - two' },
    {
      type: 'progress',
      title: 'Release notes',
      status: 'running',
      steps: [
        { label: 'Collect', status: 'done' },
        { label: 'Write', status: 'running', note: 'try 2' },
      ],
    },
    { type: 'buttons', buttons: [{ label: 'Approve', token: 't1', style: 'primary' }] },
  ]
  const ref = refOf(await slack.channel.send(slack.message('C0TEAM', parts)))
  const message = await slack.peer.waitForMessage('C0TEAM', 'Balance')
  expect(ref).toBe(`C0TEAM/${message.ts}`)
  expect(message.buttons).toEqual(['Approve'])
  for (const words of [
    'All is well.',
    'As of now',
    'Team: Acme',
    'job    cost\n─────  ──────\nbrief  $0.10\nnotes  $12.00',
    'const a = 1 < 2',
    'Some bold and a link (example.org).',
    '✓ Collect\n▸ Write (try 2)',
  ]) {
    expect(message.text).toContain(words)
    expect(message.fallback.replaceAll('&lt;', '<')).toContain(words)
  }
})

test('what people wrote is shown as it is, in every kind of part, and acts nowhere', async () => {
  const parts: Part[] = [
    ...(['plain', 'strong', 'muted', 'heading'] as const).map(
      (style): Part => ({ type: 'text', text: `${style} ${HOSTILE}`, style }),
    ),
    { type: 'markdown', text: HOSTILE },
    { type: 'fields', fields: [{ label: HOSTILE, value: HOSTILE }] },
    { type: 'fields', fields: [{ label: '<@U0ANN>', value: '<!here> & <#C0TEAM>' }] },
    { type: 'list', items: [HOSTILE] },
    { type: 'table', columns: [HOSTILE], rows: [[HOSTILE]] },
    { type: 'code', text: HOSTILE },
    {
      type: 'progress',
      title: HOSTILE,
      status: 'failed',
      steps: [{ label: HOSTILE, status: 'failed', note: HOSTILE }],
    },
    { type: 'buttons', buttons: [{ label: HOSTILE, token: 't' }] },
  ]
  refOf(await slack.channel.send(slack.message('C0TEAM', parts)))
  const { text, blocks } = await slack.peer.waitForMessage('C0TEAM', 'plain <!channel>')
  expect(text).toContain(
    'muted <!channel> @here <@U0ANN> <https://evil.org|bank.com> &lt;b&gt; *bold* _x_ `code` </script>gnp.exe',
  )
  expect(text).toContain('<@U0ANN>: <!here> & <#C0TEAM>')
  // The only thing that can be followed is an address that shows itself.
  const links = JSON.stringify(blocks).match(/"type":"link"[^}]*/g) ?? []
  for (const link of links) expect(link).toMatch(/^"type":"link","url":"https:..evil.org"(?:,"style":.*)?$/)
})

test('a button that ends something is asked about by Slack, within its limits, and other buttons are not', async () => {
  const confirm = { title: 'Stop this run?', text: 'What was done is paid.', yes: 'Yes, stop it', no: 'No' }
  const long = { title: 't'.repeat(101), text: 'x'.repeat(301), yes: 'y'.repeat(31), no: HOSTILE }
  const parts: Part[] = [
    { type: 'text', text: 'What ends' },
    {
      type: 'buttons',
      buttons: [
        { label: 'Stop', token: 't1', style: 'danger', confirm },
        { label: 'Long', token: 't2', confirm: long },
        { label: 'Empty', token: 't3', confirm: { title: ' ', text: '', yes: '', no: '' } },
        { label: 'Show', token: 't4' },
        { label: 'Open', url: 'https://example.org', confirm },
      ],
    },
  ]
  refOf(await slack.channel.send(slack.message('C0TEAM', parts)))
  const { asking, blocks } = await slack.peer.waitForMessage('C0TEAM', 'What ends')
  expect(asking).toEqual(['Stop', 'Long', 'Empty'])
  const [stop, cut] = blocks.flatMap(({ type, elements }) => (type === 'actions' ? (elements as object[]) : []))
  const words = (text: string): object => ({ type: 'plain_text', text, emoji: false })
  expect(stop).toMatchObject({
    confirm: {
      title: words('Stop this run?'),
      text: words('What was done is paid.'),
      confirm: words('Yes, stop it'),
      deny: words('No'),
      style: 'danger',
    },
  })
  expect(cut).toMatchObject({
    confirm: { title: words(`${'t'.repeat(99)}…`), text: words(`${'x'.repeat(299)}…`), deny: { type: 'plain_text' } },
  })
})

test('what is quoted has a bar beside all of it, whatever stands in it', async () => {
  const text = `Before\n\n# Muster: approved\n\n- ${HOSTILE}\n- two\n\n\`\`\`\ncode\n\`\`\`\n\n> inner\n\nAfter`
  const long = Array.from({ length: 400 }, (_, index) => `- item ${index} of many`).join('\n')
  const parts: Part[] = [
    { type: 'text', text: 'To be looked at' },
    { type: 'quote', title: 'draft', of: { type: 'markdown', text } },
    { type: 'quote', of: { type: 'code', text: '{\n  "a": 1\n}', language: 'json' } },
    { type: 'quote', of: { type: 'markdown', text: long } },
  ]
  const before = (await slack.peer.messages('C0TEAM')).length
  refOf(await slack.channel.send(slack.message('C0TEAM', parts)))
  await slack.peer.waitForMessage('C0TEAM', 'item 399 of many')
  const sent = (await slack.peer.messages('C0TEAM')).slice(before)
  expect(sent.length).toBeGreaterThan(1)
  const read = sent.map(({ text: words }) => words).join('\n')
  const elements = sent
    .flatMap(({ blocks }) => blocks)
    .flatMap((block) => (block.type === 'rich_text' ? (block.elements as Block[]) : []))
  const bare = elements.filter(({ type, border }) => type !== 'rich_text_quote' && border !== 1)
  expect(JSON.stringify(bare)).toContain('To be looked at')
  expect(bare).toHaveLength(1)
  for (const words of ['draft', 'Muster: approved', 'two', 'code', 'inner', 'After', '"a": 1', 'item 399'])
    expect(read).toContain(words)
  expect(sent[0]?.fallback).toContain('&gt; Muster: approved')
})

test('a long text becomes several messages, cut between words, with nothing lost', async () => {
  const words = Array.from({ length: 6_000 }, (_, index) => `word${index}${index % 50 === 49 ? '\n\n' : ''}`)
  const before = (await slack.peer.messages('C0TEAM')).length
  const ref = refOf(await slack.channel.send(slack.message('C0TEAM', [words.join(' ')])))
  const sent = (await slack.peer.messages('C0TEAM')).slice(before)
  expect(sent.length).toBeGreaterThan(3)
  expect(ref).toBe(`C0TEAM/${sent[0]?.ts}`)
  const arrived = sent.map(({ text }) => text).join('\n')
  expect(arrived.match(/word\d+/g)).toEqual(words.map((word) => word.trim()))
  for (const { text } of sent) expect(text.length).toBeLessThanOrEqual(12_000)
})

test('text that grows in JSON, and endless words, keep to the limits as well', async () => {
  for (const text of [
    '"\n'.repeat(8_000),
    '😀'.repeat(9_000),
    'x'.repeat(20_000),
    'http://a.bc '.repeat(2_000),
    '\u0001\ud800'.repeat(9_000),
  ]) {
    for (const type of ['text', 'markdown', 'code'] as const) {
      refOf(await slack.channel.send(slack.message('C0SOLO', [{ type, text }, 'end'])))
    }
  }
  const many = Array.from(
    { length: 200 },
    (_, index): Part => ({ type: 'text', text: `line ${index}`, style: 'heading' }),
  )
  refOf(await slack.channel.send(slack.message('C0SOLO', many)))
  const buttons = Array.from({ length: 60 }, (_, index) => ({
    label: `${index} ${'l'.repeat(100)}`,
    token: `t${index}`,
  }))
  refOf(await slack.channel.send(slack.message('C0SOLO', [{ type: 'buttons', buttons }])))
})

test('an edit replaces the message in place; a message that is gone is refused', async () => {
  const ref = refOf(await slack.channel.send(slack.message('C0TEAM', ['Step 1 of 2'])))
  expect(await slack.channel.edit(ref, slack.message('C0TEAM', ['Step 2 of 2']))).toEqual({
    outcome: 'sent',
    messageRef: ref,
  })
  expect(await slack.channel.edit(ref, slack.message('C0TEAM', ['Step 2 of 2']))).toEqual({
    outcome: 'sent',
    messageRef: ref,
  })
  const edited = await slack.peer.waitForMessage('C0TEAM', 'Step 2 of 2')
  expect(edited).toMatchObject({ isEdited: true })
  const long = await slack.channel.edit(ref, slack.message('C0TEAM', ['so '.repeat(9_000)]))
  expect(long.outcome).toBe('sent')
  for (const gone of ['C0TEAM/1.000001', 'C0TEAM/response', 'C0TEAM/F123']) {
    expect(await slack.channel.edit(gone, slack.message('C0TEAM', ['x']))).toMatchObject({ outcome: 'refused' })
  }
})

test('files come after the words, in the same thread', async () => {
  const root = await slack.peer.say('C0TEAM', 'U0ANN', 'thread')
  const file: Part = { type: 'file', artifactId: 'art_1', name: 'notes.md', mediaType: 'text/markdown', sizeBytes: 14 }
  refOf(await slack.channel.send(slack.message(`C0TEAM:${root}`, [file, 'Here it is.'])))
  const inThread = (await slack.peer.messages('C0TEAM')).filter(({ threadTs }) => threadTs === root)
  expect(inThread.map(({ text, files }) => [text, files.map(({ name }) => name)])).toEqual([
    ['Here it is.', []],
    ['', ['notes.md']],
  ])
  const shared = inThread[1]?.files[0]
  if (!shared) throw new Error('no file')
  expect(new TextDecoder().decode(await slack.peer.fileBytes(shared))).toBe('bytes of art_1')
})

test('a file that Slack refuses does not take the answer with it', async () => {
  slack.peer.failNext({ method: 'files.getUploadURLExternal', fault: { refusal: 'file_uploads_disabled' } })
  const file: Part = { type: 'file', artifactId: 'art_1', name: 'no.md', mediaType: 'text/markdown', sizeBytes: 14 }
  refOf(await slack.channel.send(slack.message('C0TEAM', ['With a file.', file])))
  await slack.peer.waitForMessage('C0TEAM', 'no.md could not be shared here')
})

test('only for one person: ephemeral in the channel, and with its thread', async () => {
  const root = await slack.peer.say('C0TEAM', 'U0ANN', 'thread')
  refOf(await slack.channel.send(slack.message(`C0TEAM:${root}`, ['You have $3.'], { onlyFor: 'T0PEER:U0BEN' })))
  expect(await slack.peer.ephemeral('C0TEAM', 'U0BEN')).toMatchObject([{ text: 'You have $3.', threadTs: root }])
  expect((await slack.peer.messages('C0TEAM')).some(({ text }) => text.includes('You have'))).toBe(false)
})

test('only for one person who is not in the channel: a direct message', async () => {
  refOf(await slack.channel.send(slack.message('C0SOLO', ['For Ann alone.'], { onlyFor: 'T0PEER:U0ANN' })))
  await slack.peer.waitForMessage(await slack.peer.direct('U0ANN'), 'For Ann alone.')
  const file: Part = { type: 'file', artifactId: 'art_2', name: 'own.txt', mediaType: 'text/plain', sizeBytes: 14 }
  refOf(await slack.channel.send(slack.message('C0TEAM', [file], { onlyFor: 'T0PEER:U0ANN' })))
  await slack.peer.waitForMessage(await slack.peer.direct('U0ANN'), ({ files }) => files[0]?.name === 'own.txt')
})

test('where the bot is no member it answers through the address that came with the command, as long as that holds', async () => {
  await slack.peer.slash('G0SHUT', 'U0ANN', '/muster', 'balance')
  const hints = slack.taken()[0]?.hints ?? {}
  const alone = { hints, onlyFor: 'T0PEER:U0ANN' }
  refOf(await slack.channel.send(slack.message('G0SHUT', ['You have $5.'], alone)))
  expect(await slack.peer.ephemeral('G0SHUT', 'U0ANN')).toMatchObject([{ text: 'You have $5.' }])
  // Somebody else's address is no way to them.
  refOf(await slack.channel.send(slack.message('G0SHUT', ['Ben has $6.'], { hints, onlyFor: 'T0PEER:U0BEN' })))
  await slack.peer.waitForMessage(await slack.peer.direct('U0BEN'), 'Ben has $6.')
  const open = refOf(await slack.channel.send(slack.message('G0SHUT', ['The jobs.'], { hints })))
  expect((await slack.peer.messages('G0SHUT')).map(({ text }) => text)).toEqual(['The jobs.'])
  expect(await slack.channel.edit(open, slack.message('G0SHUT', ['x']))).toMatchObject({ outcome: 'refused' })
  const late = { ...hints, response_until_ms: '1' }
  expect(await slack.channel.send(slack.message('G0SHUT', ['Late.'], { hints: late }))).toMatchObject({
    outcome: 'refused',
    reason: 'channel_not_found',
  })
})

test('five answers fit through one address; the next ones go directly', async () => {
  await slack.peer.slash('G0SHUT', 'U0ANN', '/muster', 'balance')
  const alone = { hints: slack.taken()[0]?.hints ?? {}, onlyFor: 'T0PEER:U0ANN' }
  for (let number = 1; number <= 6; number++) {
    refOf(await slack.channel.send(slack.message('G0SHUT', [`answer ${number}`], alone)))
  }
  await slack.peer.waitForMessage(await slack.peer.direct('U0ANN'), 'answer 6')
  // A program that was started anew has not counted; Slack has.
  await slack.restart()
  refOf(await slack.channel.send(slack.message('G0SHUT', ['answer 7'], alone)))
  await slack.peer.waitForMessage(await slack.peer.direct('U0ANN'), 'answer 7')
})

test('a command typed between two people is answered to the one who typed it', async () => {
  await slack.peer.slash('D0PAIR', 'U0ANN', '/muster', 'balance')
  const [incoming] = slack.taken()
  expect(incoming?.isPrivate).toBe(false)
  refOf(await slack.channel.send(slack.message('D0PAIR', ['You have $7.'], { hints: incoming?.hints ?? {} })))
  expect(await slack.peer.messages('D0PAIR')).toEqual([])
  expect(await slack.peer.ephemeral('D0PAIR', 'U0ANN')).toMatchObject([{ text: 'You have $7.' }])
})

test('a public channel needs no invitation', async () => {
  refOf(await slack.channel.send(slack.message('C0OPEN', ['Hello.'])))
  await slack.peer.waitForMessage('C0OPEN', 'Hello.')
})

test('what failed is told apart: wait, never, unknown', async () => {
  const send = () => slack.channel.send(slack.message('C0TEAM', ['once']))
  const before = (await slack.peer.messages('C0TEAM')).length
  const method = 'chat.postMessage'
  slack.peer.failNext({ method, fault: { retryAfter: 7 } })
  expect(await send()).toMatchObject({ outcome: 'retry', afterMs: 7_000 })
  for (const refusal of [
    'channel_not_found',
    'account_inactive',
    'invalid_auth',
    'msg_too_long',
    'restricted_action',
  ]) {
    slack.peer.failNext({ method, fault: { refusal } })
    expect(await send()).toEqual({ outcome: 'refused', reason: refusal })
  }
  slack.peer.failNext({ method, fault: { refusal: 'service_unavailable' } })
  expect(await send()).toMatchObject({ outcome: 'retry' })
  expect((await slack.peer.messages('C0TEAM')).length).toBe(before)
  for (const fault of ['drop-before', 'drop-after', { refusal: 'internal_error' }, { status: 502 }] as const) {
    slack.peer.failNext({ method, fault })
    expect(await send()).toMatchObject({ outcome: 'unclear' })
  }
  slack.peer.failNext({ method: 'chat.update', fault: 'drop-after' })
  expect(await slack.channel.edit('C0TEAM/1.000001', slack.message('C0TEAM', ['x']))).toMatchObject({
    outcome: 'retry',
  })
  slack.peer.archive('C0SOLO')
  expect(await slack.channel.send(slack.message('C0SOLO', ['x']))).toEqual({
    outcome: 'refused',
    reason: 'is_archived',
  })
  expect(await slack.channel.send(slack.message('C0TEAM', [' ', { type: 'buttons', buttons: [] }]))).toMatchObject({
    outcome: 'refused',
  })
})

test('a second try after an unknown end says that it may be a duplicate', async () => {
  const message = slack.message('C0TEAM', ['Charged $2.'])
  slack.peer.failNext({ method: 'chat.postMessage', fault: 'drop-after' })
  expect(await slack.channel.send(message)).toMatchObject({ outcome: 'unclear' })
  refOf(await slack.channel.send({ ...message, maybeDuplicate: true }))
  const texts = (await slack.peer.messages('C0TEAM')).map(({ text }) => text).filter((text) => text.includes('Charged'))
  expect(texts).toEqual(['Charged $2.', expect.stringMatching(/^This may be a duplicate.*\nCharged \$2\.$/)])
})

test('a message of several goes on where it had to stop', async () => {
  const message = slack.message('C0TEAM', [
    ...Array.from({ length: 60 }, (_, index): Part => ({ type: 'text', text: `part ${index}.`, style: 'strong' })),
    { type: 'file', artifactId: 'art_3', name: 'last.txt', mediaType: 'text/plain', sizeBytes: 14 },
  ])
  const before = (await slack.peer.messages('C0TEAM')).length
  slack.peer.failNext({ method: 'upload', fault: 'drop-after' })
  expect(await slack.channel.send(message)).toMatchObject({ outcome: 'retry' })
  refOf(await slack.channel.send(message))
  const sent = (await slack.peer.messages('C0TEAM')).slice(before)
  expect(sent.flatMap(({ text }) => text.match(/part \d+\./g) ?? [])).toHaveLength(60)
  expect(sent.flatMap(({ files }) => files)).toHaveLength(1)
})

test('what waits in its middle says that it has begun, and goes on without a mark', async () => {
  const method = 'chat.postMessage'
  const message = slack.message('C0TEAM', ['word '.repeat(5_000)])
  slack.peer.failNext({ method, fault: { delayMs: 0 } })
  slack.peer.failNext({ method, fault: { retryAfter: 1 } })
  expect(await slack.channel.send(message)).toMatchObject({ outcome: 'retry', isBegun: true })
  const before = (await slack.peer.messages('C0TEAM')).length
  expect(await slack.channel.send({ ...message, maybeDuplicate: true })).toMatchObject({ outcome: 'sent' })
  const rest = (await slack.peer.messages('C0TEAM')).slice(before)
  expect(rest.length).toBeGreaterThan(0)
  expect(rest.map(({ text }) => text).join()).not.toContain('duplicate')
})

test('when Slack cannot be reached nothing was sent', async () => {
  await slack.peer.stop()
  expect(await slack.channel.send(slack.message('C0TEAM', ['x']))).toMatchObject({ outcome: 'retry' })
})

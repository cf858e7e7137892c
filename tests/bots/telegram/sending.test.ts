import { afterEach, describe, expect, it } from 'vitest'
import type { Part } from '#core/chat/message.ts'
import type { FaultPlan, User } from '#tests/peers/telegram/index.ts'
import { eventually } from '#tests/support/eventually.ts'
import { outgoing, type Rig, rig } from './support.ts'

let stage: Rig
let ann: User
let chatId: number

afterEach(() => stage.end())

async function begin(): Promise<void> {
  stage = await rig()
  ann = stage.peer.user({ firstName: 'Ann' })
  chatId = stage.peer.privateChat(ann).id
}

const shown = (where = chatId): string[] =>
  stage.peer.messages(where).flatMap(({ fromBot, text, files }) => (fromBot ? [text || `[${files[0]?.name}]`] : []))
const long = (words: number): Part[] => [
  { type: 'text', text: Array.from({ length: words }, (_, at) => `w${at}`).join(' ') },
]
const limited = (retryAfter: number) => ({ code: 429, description: 'Too Many Requests', retryAfter })

describe('a send', () => {
  it('gives the ref of what can be edited, without a preview of links', async () => {
    await begin()
    const { channel, peer } = stage
    const sent = await channel.send(outgoing(chatId, 'see https://example.org'))
    const [message] = peer.messages(chatId)
    expect(sent).toEqual({ outcome: 'sent', messageRef: `${chatId}/${message?.messageId}` })
    expect(message?.linkPreview).toEqual({ is_disabled: true })
    const button: Part = { type: 'buttons', buttons: [{ label: 'Go', token: 't' }] }
    const second = await channel.send(outgoing(chatId, [...long(2_000), button]))
    const withButton = peer.messages(chatId).find(({ buttons }) => buttons.length > 0)
    expect(second).toEqual({ outcome: 'sent', messageRef: `${chatId}/${withButton?.messageId}` })
  })

  it('waits as long as Telegram asks', async () => {
    await begin()
    stage.peer.failNext({ method: 'sendMessage', error: limited(7) })
    expect(await stage.channel.send(outgoing(chatId, 'x'))).toMatchObject({ outcome: 'retry', afterMs: 7_000 })
    stage.peer.failNext({ method: 'sendMessage', error: { code: 502, description: 'Bad Gateway' } })
    expect(await stage.channel.send(outgoing(chatId, 'x'))).toMatchObject({ outcome: 'retry', afterMs: 2_000 })
    expect(shown()).toEqual([])
  })

  it('is refused for good where it can never work', async () => {
    await begin()
    const { channel, peer } = stage
    expect(await channel.send(outgoing(999, 'x'))).toMatchObject({ outcome: 'refused' })
    peer.block(ann)
    const refused = await channel.send(outgoing(chatId, 'x'))
    expect(refused).toMatchObject({ outcome: 'refused', reason: expect.stringContaining('blocked by the user') })
    expect(await channel.send(outgoing('somewhere', 'x'))).toMatchObject({ outcome: 'refused' })
    expect(await channel.send(outgoing(chatId, ' '))).toMatchObject({ outcome: 'refused' })
  })

  it('follows a group that became a supergroup', async () => {
    await begin()
    const group = stage.peer.group({ title: 'Team', members: [ann] })
    const next = stage.peer.migrateGroup(group)
    const moved = { outcome: 'moved', conversation: String(next.id) }
    expect(await stage.channel.send(outgoing(group.id, 'x'))).toEqual(moved)
  })

  it('is unclear when the connection breaks after it went out, and never says the token', async () => {
    await begin()
    const { channel, peer } = stage
    peer.failNext({ method: 'sendMessage', error: 'drop-after' })
    const unclear = await channel.send(outgoing(chatId, 'x'))
    expect(unclear.outcome).toBe('unclear')
    expect(JSON.stringify(unclear)).not.toContain(peer.token)
    expect(shown()).toEqual(['x'])
  })

  it('is tried again when there was no connection at all', async () => {
    await begin()
    const channel = stage.again({ apiRoot: 'http://127.0.0.1:9' })
    const retry = await channel.send(outgoing(chatId, 'x'))
    expect(retry).toMatchObject({ outcome: 'retry', reason: 'Telegram could not be reached: ECONNREFUSED' })
  })

  it('goes into its topic', async () => {
    await begin()
    const forum = stage.peer.supergroup({ title: 'Forum', members: [ann], isForum: true })
    const topic = stage.peer.topic(forum, ann, 'Jobs').messageId
    await stage.channel.send(outgoing(`${forum.id}:${topic}`, 'in the topic'))
    expect(stage.peer.messages(forum).at(-1)).toMatchObject({ text: 'in the topic', threadId: topic })
    expect(stage.peer.violations).toEqual([])
  })

  it('hangs on the question in a group, and does without when that is gone', async () => {
    await begin()
    const group = stage.peer.supergroup({ title: 'Team', members: [ann] })
    const { messageId } = stage.peer.sendText(group, ann, '/run')
    await stage.channel.send(outgoing(group.id, 'yes', { hints: { messageRef: `${group.id}/${messageId}` } }))
    await stage.channel.send(outgoing(group.id, 'no', { hints: { messageRef: `${group.id}/999` } }))
    expect(stage.peer.messages(group).map(({ replyToMessageId }) => replyToMessageId)).toEqual([
      undefined,
      messageId,
      undefined,
    ])
  })
})

describe('a message of several that breaks off', () => {
  function failSecond(error: FaultPlan['error']): void {
    stage.peer.failNext({ method: 'sendMessage', error: { delayMs: 0 } })
    stage.peer.failNext({ method: 'sendMessage', error })
  }

  it('waits in place for what Telegram asks, and is whole then', async () => {
    await begin()
    failSecond(limited(1))
    const sending = stage.channel.send(outgoing(chatId, long(2_000)))
    expect((await sending).outcome).toBe('sent')
    expect(shown().join(' ').split(/\s/)).toHaveLength(2_000)
  })

  it('comes again when many wait already, and goes on without a mark', async () => {
    await begin()
    const { channel, peer } = stage
    const crowd = Array.from({ length: 8 }, (_, at) => peer.privateChat(peer.user({ firstName: `Crowd${at}` })))
    const waiting = crowd.map(async ({ id }) => {
      peer.failNext({ method: 'sendMessage', chatId: id, error: { delayMs: 0 } })
      peer.failNext({ method: 'sendMessage', chatId: id, error: limited(2) })
      return channel.send(outgoing(id, long(2_000)))
    })
    await eventually(() => expect(peer.calls.filter(({ error }) => error?.code === 429)).toHaveLength(8))
    failSecond(limited(1))
    const message = outgoing(chatId, long(2_000))
    expect(await channel.send(message)).toMatchObject({ outcome: 'retry', afterMs: 1_000, isBegun: true })
    expect(await channel.send({ ...message, maybeDuplicate: true })).toMatchObject({ outcome: 'sent' })
    expect(shown().join(' ').split(/\s/)).toHaveLength(2_000)
    expect(shown().join()).not.toContain('duplicate')
    expect((await Promise.all(waiting)).map(({ outcome }) => outcome)).toEqual(crowd.map(() => 'sent'))
  })

  it('goes on with what is missing, the piece in doubt marked', async () => {
    await begin()
    const message = outgoing(chatId, long(2_000))
    failSecond('drop-after')
    const sending = stage.channel.send(message)
    expect((await sending).outcome).toBe('unclear')
    const before = shown()
    expect(await stage.channel.send({ ...message, maybeDuplicate: true })).toMatchObject({ outcome: 'sent' })
    const [again, ...others] = shown().slice(before.length)
    expect(again).toBe(`(This may be a duplicate.)\n\n${before.at(-1)}`)
    expect([...before, ...others].join(' ').split(/\s/)).toHaveLength(2_000)
  })

  it('is sent anew by another process, marked as such', async () => {
    await begin()
    const message = outgoing(chatId, long(2_000))
    failSecond('drop-after')
    const sending = stage.channel.send(message)
    await sending
    const before = shown().length
    await stage.again().send({ ...message, maybeDuplicate: true })
    expect(shown()[before]).toMatch(/^\(This may be a duplicate\.\)\n\nw0 /)
  })
})

describe('an edit', () => {
  it('changes text, formatting and buttons in place', async () => {
    await begin()
    const { channel, peer } = stage
    const card = (status: 'running' | 'done'): Part[] => [
      { type: 'progress', title: 'Notes', status, steps: [] },
      ...(status === 'running' ? [{ type: 'buttons' as const, buttons: [{ label: 'Stop', token: 't' }] }] : []),
    ]
    const sent = await channel.send(outgoing(chatId, card('running')))
    const messageRef = sent.outcome === 'sent' ? sent.messageRef : ''
    expect(await channel.edit(messageRef, outgoing(chatId, card('done')))).toEqual({ outcome: 'sent', messageRef })
    expect(peer.messages(chatId)).toMatchObject([{ text: '✓ Notes', keyboard: undefined, editCount: 1 }])
    expect(await channel.edit(messageRef, outgoing(chatId, card('done')))).toEqual({ outcome: 'sent', messageRef })
  })

  it('is repeated when its outcome is unclear: that harms nothing', async () => {
    await begin()
    const sent = await stage.channel.send(outgoing(chatId, 'one'))
    const messageRef = sent.outcome === 'sent' ? sent.messageRef : ''
    stage.peer.failNext({ method: 'editMessageText', error: 'drop-after' })
    expect((await stage.channel.edit(messageRef, outgoing(chatId, 'two'))).outcome).toBe('retry')
    expect((await stage.channel.edit(messageRef, outgoing(chatId, 'two'))).outcome).toBe('sent')
    stage.peer.failNext({ method: 'editMessageText', error: limited(4) })
    const limitedEdit = await stage.channel.edit(messageRef, outgoing(chatId, 'three'))
    expect(limitedEdit).toMatchObject({ outcome: 'retry', afterMs: 4_000 })
  })

  it('is refused where there is nothing to edit', async () => {
    await begin()
    expect((await stage.channel.edit(`${chatId}/77`, outgoing(chatId, 'x'))).outcome).toBe('refused')
    expect((await stage.channel.edit('nonsense', outgoing(chatId, 'x'))).outcome).toBe('refused')
  })

  it('of a card whose group became a supergroup goes on there as a new message', async () => {
    await begin()
    const group = stage.peer.group({ title: 'Team', members: [ann] })
    const sent = await stage.channel.send(outgoing(group.id, 'card'))
    const next = stage.peer.migrateGroup(group)
    const messageRef = sent.outcome === 'sent' ? sent.messageRef : ''
    const edited = await stage.channel.edit(messageRef, outgoing(next.id, 'card, later'))
    expect(edited).toMatchObject({ outcome: 'sent', messageRef: expect.stringMatching(`^${next.id}/`) })
    expect(shown(next.id)).toContain('card, later')
  })
})

describe('an answer for one person in a group', () => {
  it('goes to their own chat, and the group is told at most once a minute', async () => {
    await begin()
    const { channel, peer } = stage
    const group = peer.group({ title: 'Team', members: [ann] })
    const question = peer.sendText(group, ann, '/balance').messageId
    const answer = () =>
      outgoing(group.id, '$3', { onlyFor: String(ann.id), hints: { messageRef: `${group.id}/${question}` } })
    const sent = await channel.send(answer())
    expect(sent).toMatchObject({ outcome: 'sent', messageRef: expect.stringMatching(`^${ann.id}/`) })
    await channel.send(answer())
    expect(shown(ann.id)).toEqual(['$3', '$3'])
    expect(shown(group.id)).toEqual(['Answered you in private.'])
    expect(peer.messages(group).at(-1)?.replyToMessageId).toBe(question)
  })

  it('is kept back when their chat is closed, and they are asked to open it', async () => {
    await begin()
    const { channel, peer } = stage
    const sam = peer.user({ firstName: 'Sam' })
    const group = peer.group({ title: 'Team', members: [ann, sam] })
    const answer = outgoing(group.id, '$3', { onlyFor: String(sam.id) })
    expect(await channel.send(answer)).toMatchObject({ outcome: 'refused' })
    expect(await channel.send(answer)).toMatchObject({ outcome: 'refused' })
    expect(shown(group.id)).toEqual(['I have something for you in private: open @muster_bot and press Start.'])
    expect(peer.messages(group)[0]?.keyboard).toEqual([[{ text: 'Open @muster_bot', url: 'https://t.me/muster_bot' }]])
    peer.block(ann)
    expect((await channel.send(outgoing(group.id, '$3', { onlyFor: String(ann.id) }))).outcome).toBe('refused')
    expect(shown(group.id)).toHaveLength(2)
  })

  it('waits with all of it when the person’s chat is at its limit', async () => {
    await begin()
    const group = stage.peer.group({ title: 'Team', members: [ann] })
    stage.peer.failNext({ method: 'sendMessage', error: limited(3) })
    const result = await stage.channel.send(outgoing(group.id, '$3', { onlyFor: String(ann.id) }))
    expect(result).toMatchObject({ outcome: 'retry', afterMs: 3_000 })
    expect([...shown(group.id), ...shown(ann.id)]).toEqual([])
  })

  it('in a private chat is an answer like any other', async () => {
    await begin()
    await stage.channel.send(outgoing(chatId, '$3', { onlyFor: String(ann.id) }))
    expect(shown()).toEqual(['$3'])
  })
})

describe('files', () => {
  const file = (name: string): Part => ({
    type: 'file',
    artifactId: 'art_1',
    name,
    mediaType: 'text/plain',
    sizeBytes: 5,
  })

  it('follow the text, under their names', async () => {
    await begin()
    const { channel, peer } = stage
    await channel.send(
      outgoing(chatId, [file('a "b"; name=chat_id.md'), file('Übersicht 1.md'), { type: 'text', text: 'two' }]),
    )
    expect(shown()).toEqual(['two', '[a _b__ name=chat_id.md]', '[Übersicht 1.md]'])
    expect(peer.messages(chatId)[1]?.files[0]?.bytes.toString()).toBe('bytes')
    expect(peer.violations).toEqual([])
  })

  it('that cannot be had or are not allowed leave a sentence', async () => {
    await begin()
    const gone = outgoing(chatId, [file('gone.md')], {
      readFile: async () => {
        throw new Error('No file art_1')
      },
    })
    expect((await stage.channel.send(gone)).outcome).toBe('sent')
    const description = 'Bad Request: not enough rights to send documents to the chat'
    stage.peer.failNext({ method: 'sendDocument', error: { code: 400, description } })
    expect((await stage.channel.send(outgoing(chatId, [file('b.md')]))).outcome).toBe('sent')
    expect(shown()[0]).toBe('gone.md could not be sent here. It is not there any more.')
    expect(shown()[1]).toContain('b.md could not be sent here. Telegram says: Bad Request: not enough rights')
  })

  it('come in up to 20 MB, and what goes wrong is said without the token', async () => {
    await begin()
    const { channel, peer } = stage
    const upload = (bytes: Buffer) =>
      peer.sendFile(chatId, ann, { name: 'in.txt', mimeType: 'text/plain', bytes }).message.document?.file_id ?? ''
    const incoming = (fetchRef: string, sizeBytes = 5) => ({
      name: 'in.txt',
      mediaType: 'text/plain',
      sizeBytes,
      fetchRef,
    })
    const hello = upload(Buffer.from('hello'))
    expect(Buffer.from(await channel.download(incoming(hello))).toString()).toBe('hello')
    await expect(channel.download(incoming('x', 21 * 1024 * 1024))).rejects.toThrow('larger than 20 MB')
    await expect(channel.download(incoming(upload(Buffer.alloc(21 * 1024 * 1024))))).rejects.toThrow(
      'larger than 20 MB',
    )
    await expect(channel.download(incoming('nope'))).rejects.toThrow('Please send it again')
    for (const error of ['drop-before', 'drop-after', { code: 500, description: 'x' }] as const) {
      peer.failNext({ method: 'file', error })
      const failed = await channel.download(incoming(hello)).catch((thrown: unknown) => thrown)
      expect(String(failed)).toContain('could not be fetched from Telegram just now')
      expect(String(failed)).not.toContain(peer.token)
    }
  })
})

describe('a pressed button', () => {
  it('is answered with a notice, and too late is no matter', async () => {
    await begin()
    const { channel, peer } = stage
    await channel.send(outgoing(chatId, [{ type: 'buttons', buttons: [{ label: 'Go', token: 't' }] }]))
    const [message] = peer.messages(chatId)
    const pressed = peer.pressButton(chatId, ann, message?.messageId ?? 0, 'Go')
    await channel.answerPress?.(pressed.queryId ?? '', 'x'.repeat(300))
    expect((await pressed).text).toBe('x'.repeat(200))
    await channel.answerPress?.(pressed.queryId ?? '')
  })
})

describe('the menu', () => {
  const entry = (command: string, description = 'Does it') => ({ command, description })

  it('is written where it differs, and only then', async () => {
    await begin()
    const { channel, peer, again } = stage
    const menu = { personal: [entry('run'), entry('jobs')], group: [entry('run')], chats: [] }
    await channel.syncMenu?.(menu)
    await channel.syncMenu?.(menu)
    await again().syncMenu?.(menu)
    expect(peer.callsOf('setMyCommands')).toHaveLength(2)
    expect(peer.commands({ type: 'all_private_chats' }).map(({ command }) => command)).toEqual(['run', 'jobs'])
    await channel.syncMenu?.({ ...menu, group: [entry('status')] })
    expect(peer.callsOf('setMyCommands')).toHaveLength(3)
    expect(peer.commands({ type: 'all_group_chats' })).toEqual([{ command: 'status', description: 'Does it' }])
  })

  it('has what Telegram takes of it', async () => {
    await begin()
    const many = Array.from({ length: 120 }, (_, index) => entry(`job_${index}`))
    const odd = [entry('release-notes'), entry('Run'), entry('ok', ' \n'), entry('ok'), entry('long', 'é'.repeat(400))]
    await stage.channel.syncMenu?.({ personal: [...odd, ...many], group: [], chats: [] })
    const written = stage.peer.commands({ type: 'all_private_chats' })
    expect(written).toHaveLength(100)
    expect(written[0]).toEqual({ command: 'ok', description: 'ok' })
    expect(written[1]?.description).toHaveLength(256)
    expect(stage.peer.violations).toEqual([])
  })

  it('is another one in single chats, until it is not', async () => {
    await begin()
    const { channel, peer, again } = stage
    const menu = { personal: [entry('run')], group: [] }
    const inChat = { type: 'chat', chat_id: chatId } as const
    const own = [{ conversation: String(chatId), entries: [entry('brief'), entry('grant')] }]
    await channel.syncMenu?.({ ...menu, chats: own })
    await channel.syncMenu?.({ ...menu, chats: own })
    expect(peer.commands(inChat).map(({ command }) => command)).toEqual(['brief', 'grant'])
    expect(peer.callsOf('setMyCommands')).toHaveLength(2)
    await again().syncMenu?.({ ...menu, chats: [{ conversation: String(chatId), entries: null }] })
    expect(peer.commands(inChat)).toEqual([])
    expect(peer.callsOf('deleteMyCommands')).toHaveLength(1)
    expect(peer.violations).toEqual([])
  })

  it('fails without a word to anybody, and is written the next time', async () => {
    await begin()
    const menu = { personal: [entry('run')], group: [], chats: [] }
    stage.peer.failNext({ method: 'setMyCommands', error: limited(30) })
    await stage.channel.syncMenu?.(menu)
    expect(stage.log.all()).toContain('menu could not be written')
    await stage.channel.syncMenu?.(menu)
    expect(stage.peer.commands({ type: 'all_private_chats' })).toHaveLength(1)
  })
})

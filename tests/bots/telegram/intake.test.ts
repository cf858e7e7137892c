import { afterEach, describe, expect, it } from 'vitest'
import type { Incoming } from '#core/chat/message.ts'
import type { Receive } from '#core/chat/sender.ts'
import { eventually } from '#tests/support/eventually.ts'
import { collect, type Rig, rig } from './support.ts'

const SECRET = 'a_secret_of_the_test'
let stage: Rig

afterEach(() => stage.end())

const texts = (received: readonly Incoming[]): string[] => received.map(({ text }) => text)
const polling = (): Promise<unknown> => eventually(() => expect(stage.peer.pollWaiting).toBe(true))

describe('polling', () => {
  it('removes a webhook first, and hands over what waits', async () => {
    stage = await rig()
    const { peer, channel, received } = stage
    const ann = peer.user({ firstName: 'Ann' })
    const chat = peer.privateChat(ann)
    peer.sendText(chat, ann, 'waited')
    await channel.start(collect(received))
    peer.sendText(chat, ann, 'came later')
    await eventually(() => expect(texts(received)).toEqual(['waited', 'came later']))
    expect(peer.callsOf('deleteWebhook')).toHaveLength(1)
    expect(peer.violations).toEqual([])
  })

  it('moves the offset past an update only when it is stored', async () => {
    stage = await rig()
    const { peer, channel, received } = stage
    const [ann, bob] = [peer.user({ firstName: 'Ann' }), peer.user({ firstName: 'Bob' })]
    let failures = 2
    const receive: Receive = async (incoming) => {
      if (incoming.text === 'two' && failures-- > 0) throw new Error('the disk is full')
      received.push(incoming)
    }
    for (const text of ['one', 'two', 'three']) peer.sendText(peer.privateChat(ann), ann, text)
    peer.sendText(peer.privateChat(bob), bob, 'bob')
    await channel.start(receive)
    await eventually(() => expect(texts(received)).toContain('three'))
    await polling()
    // Bob's is stored more than once; the inbox knows it by its id.
    const ofAnn = received.filter(({ sender }) => sender.name === 'Ann')
    expect(texts(ofAnn)).toEqual(['one', 'two', 'three'])
    expect(peer.pendingUpdates).toBe(0)
  })

  it('waits out conflicts, refusals and broken connections', async () => {
    stage = await rig()
    const { peer, channel, received, log } = stage
    const ann = peer.user({ firstName: 'Ann' })
    const conflict = { code: 409, description: 'Conflict: terminated by other getUpdates request' }
    peer.failNext({ method: 'getMe', error: { code: 500, description: 'Internal Server Error' } })
    peer.failNext({ method: 'deleteWebhook', error: 'drop-before' })
    peer.failNext({ method: 'getUpdates', error: conflict })
    peer.failNext({ method: 'getUpdates', error: 'drop-after' })
    await channel.start(collect(received))
    peer.sendText(peer.privateChat(ann), ann, 'still there?')
    await eventually(() => expect(texts(received)).toEqual(['still there?']), 15_000)
    expect(log.all()).toContain('Another program takes updates')
    expect(log.all()).not.toContain(peer.token)
  })

  it('goes on after a week of silence, when ids start somewhere else', async () => {
    stage = await rig()
    const { peer, channel, received } = stage
    const ann = peer.user({ firstName: 'Ann' })
    const chat = peer.privateChat(ann)
    await channel.start(collect(received))
    peer.sendText(chat, ann, 'before')
    await eventually(() => expect(texts(received)).toEqual(['before']))
    await polling()
    peer.jumpUpdateIds(500)
    peer.sendText(chat, ann, 'after')
    await eventually(() => expect(texts(received)).toEqual(['before', 'after']))
    await polling()
    expect(new Set(received.map(({ deliveryId }) => deliveryId)).size).toBe(2)
    expect(received[1]?.deliveryId).toBe(`${peer.botUser.id}:500`)
  })

  it('stops between two polls, and what was stored is not given out again', async () => {
    stage = await rig()
    const { peer, channel, received, again } = stage
    const ann = peer.user({ firstName: 'Ann' })
    const chat = peer.privateChat(ann)
    await channel.start(collect(received))
    peer.sendText(chat, ann, 'one')
    await eventually(() => expect(texts(received)).toEqual(['one']))
    await channel.stop()
    peer.sendText(chat, ann, 'two')
    await again().start(collect(received))
    await eventually(() => expect(texts(received)).toEqual(['one', 'two']))
  })

  it('hears in groups what is for it, and nothing when it is thrown out', async () => {
    stage = await rig({ peer: { privacyMode: false } })
    const { peer, channel, received } = stage
    const ann = peer.user({ firstName: 'Ann' })
    const group = peer.group({ title: 'Team', members: [ann] })
    await channel.start(collect(received))
    for (const text of ['hello', '/run@other_bot', '/run x', 'hey @muster_bot']) peer.sendText(group, ann, text)
    peer.setBot(group, ann, 'kicked')
    peer.sendText(peer.privateChat(ann), ann, 'done')
    await eventually(() => expect(texts(received).toSorted()).toEqual(['/run x', 'done', 'hey']))
  })

  it('says where a group went when it became a supergroup', async () => {
    stage = await rig()
    const { peer, channel, received } = stage
    const ann = peer.user({ firstName: 'Ann' })
    const group = peer.group({ title: 'Team', members: [ann] })
    await channel.start(collect(received))
    const next = peer.migrateGroup(group)
    await eventually(() =>
      expect(received).toMatchObject([{ conversation: String(group.id), movedTo: String(next.id) }]),
    )
  })
})

describe('webhook', () => {
  const update = { update_id: 7, message: messageOf('hello') }

  function messageOf(words: string) {
    const user = { id: 42, is_bot: false, first_name: 'Ann' }
    return { message_id: 1, date: 1, from: user, chat: { id: 42, type: 'private', first_name: 'Ann' }, text: words }
  }

  const post = async (body: unknown, headers: Record<string, string> = {}, method = 'POST'): Promise<number> => {
    const signed = { 'x-telegram-bot-api-secret-token': SECRET, ...headers }
    const content = typeof body === 'string' ? body : JSON.stringify(body)
    const request = new Request('http://127.0.0.1/webhooks/telegram', {
      method,
      headers: signed,
      ...(method === 'POST' ? { body: content } : {}),
    })
    return (await stage.channel.webhook?.(request))?.status ?? 0
  }

  async function startWebhook(receive: Receive = collect([])): Promise<void> {
    stage = await rig({ mode: 'webhook', webhookSecret: SECRET, publicUrl: 'https://muster.example/' })
    await stage.channel.start(receive)
    await stage.peer.waitForCall('setWebhook')
    await eventually(async () => expect(await post('{"update_id":1}')).toBe(200))
  }

  it('is registered with its secret and the updates it wants', async () => {
    await startWebhook()
    expect(stage.peer.callsOf('setWebhook')[0]?.params).toMatchObject({
      url: 'https://muster.example/webhooks/telegram',
      secret_token: SECRET,
      allowed_updates: ['message', 'callback_query', 'my_chat_member', 'stopped_message_generation'],
    })
  })

  it('answers when the update is stored, and not before', async () => {
    const received: Incoming[] = []
    let store = (): void => {}
    await startWebhook(async (incoming) => {
      await new Promise<void>((resolve) => (store = resolve))
      received.push(incoming)
    })
    let status = 0
    const posted = post(update).then((given) => (status = given))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(status).toBe(0)
    store()
    await posted
    expect(status).toBe(200)
    expect(texts(received)).toEqual(['hello'])
  })

  it('refuses what is not signed, not an update, or too large', async () => {
    const received: Incoming[] = []
    await startWebhook(collect(received))
    expect(await post(update, { 'x-telegram-bot-api-secret-token': 'guess' })).toBe(401)
    expect(await post(update, { 'x-telegram-bot-api-secret-token': '' })).toBe(401)
    expect(await post('', {}, 'GET')).toBe(405)
    expect(await post('{')).toBe(400)
    expect(await post([update])).toBe(400)
    expect(await post({ update_id: 8, message: messageOf('x'.repeat(1024 * 1024)) })).toBe(413)
    expect(await post(update, { 'content-length': '2000000' })).toBe(413)
    expect(received).toEqual([])
  })

  it('is told to come again when the update could not be stored', async () => {
    await startWebhook(async () => {
      throw new Error('the disk is full')
    })
    expect(await post(update)).toBe(500)
    await stage.channel.stop()
    expect(await post(update)).toBe(503)
  })

  it('passes over what it cannot read', async () => {
    await startWebhook()
    expect(await post({ update_id: 9, message: { from: { id: 1 }, text: 'said nowhere' } })).toBe(200)
    expect(stage.log.all()).toContain('could not be read')
  })

  it('cannot be had without a secret', async () => {
    stage = await rig()
    expect(() => stage.again({ mode: 'webhook' })).toThrow('secret')
    expect(stage.channel.webhook).toBeUndefined()
  })
})

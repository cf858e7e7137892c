import { serve } from '@hono/node-server'
import type { User } from 'grammy/types'
import type { Channel } from '#bots/channel.ts'
import { createTelegramChannel } from '#bots/telegram/bot.ts'
import type { Dialect } from '#db/db.ts'
import { type ChatRecord, type MessageView, startTelegramPeer, type TelegramPeer } from '#tests/peers/telegram/index.ts'
import { createChatWorld, ShiftedClock } from '#tests/support/chat-world.ts'
import type { Harness, Saying, Shown } from '../conformance.ts'
import type { TestCommands } from '../test-commands.ts'

const SECRET = 'secret_of_the_test'
const STRANGER = 'Sam'

export interface TelegramHarness extends Harness {
  peer: TelegramPeer
  channel: Channel
  group: ChatRecord
  person(name: string): User
}

/** The channel, the core and a strict Telegram, with Ann, Bob and Sam in a group; Sam never wrote to the bot. */
export async function createTelegramHarness(
  mode: 'polling' | 'webhook',
  commands: TestCommands,
  dialect: Dialect = 'sqlite',
): Promise<TelegramHarness> {
  const peer = await startTelegramPeer({ webhookRetryMs: 20, privacyMode: false })
  const clock = new ShiftedClock()
  let channel: Channel | undefined
  const server = await listen((request) => channel?.webhook?.(request) ?? new Response(null, { status: 503 }))
  const world = await createChatWorld(dialect, {
    clock,
    handle: commands.handle,
    renderCard: commands.renderCard,
    sender: ({ log }) =>
      (channel = createTelegramChannel({
        token: peer.token,
        mode,
        webhookSecret: SECRET,
        publicUrl: server.url,
        apiRoot: peer.url,
        log,
        clock,
      })),
  })
  if (!channel) throw new Error('The world made no channel')
  const started = channel
  await started.start(world.receive)
  await (mode === 'polling' ? untilPolling(peer) : peer.waitForCall('setWebhook'))

  const users = new Map<string, User>()
  const person = (name: string): User => {
    const known = users.get(name)
    if (known) return known
    const user = peer.user({ firstName: name, username: `${name.toLowerCase()}_muster` })
    users.set(name, user)
    if (name !== STRANGER) peer.privateChat(user)
    return user
  }
  const group = peer.supergroup({ title: 'Team', members: [person('Ann'), person('Bob'), person(STRANGER)] })
  const chatOf = (where = 'Ann'): ChatRecord => (where === 'group' ? group : peer.privateChat(person(where)))
  const speaker = ({ in: where = 'Ann', from }: Saying): User => person(from ?? (where === 'group' ? 'Ann' : where))
  const updateIds: number[] = []

  return {
    world,
    peer,
    channel: started,
    group,
    person,
    stranger: STRANGER,
    async say(text, how = {}) {
      const { file, replyTo } = how
      const where = replyTo ? { replyToMessageId: Number(replyTo.id) } : {}
      const sent = file
        ? peer.sendFile(chatOf(how.in), speaker(how), { ...file, mimeType: file.mediaType, caption: text }, where)
        : peer.sendText(chatOf(how.in), speaker(how), text, where)
      if (sent.updateId !== undefined) updateIds.push(sent.updateId)
    },
    async press(message, label, how = {}) {
      const pressed = await peer.pressButton(chatOf(how.in), speaker(how), Number(message.id), label)
      return pressed.text
    },
    shown: async (where) =>
      peer
        .messages(chatOf(where))
        .filter(({ fromBot }) => fromBot)
        .map(shownOf),
    async redeliver(times) {
      for (const id of updateIds.toReversed()) peer.redeliver(id, times)
      await peer.waitForIdle({ timeoutMs: 10_000 })
    },
    async postUnsigned(text) {
      const { message } = peer.sendText(chatOf(), person('Ann'), 'something signed')
      const body = JSON.stringify({ update_id: 1, message: { ...message, text } })
      const headers = { 'X-Telegram-Bot-Api-Secret-Token': 'guessed' }
      return (await fetch(`${server.url}/webhooks/telegram`, { method: 'POST', headers, body })).status
    },
    limitNext(retryAfterS) {
      const description = `Too Many Requests: retry after ${retryAfterS}`
      peer.failNext({ method: 'sendMessage', error: { code: 429, description, retryAfter: retryAfterS } })
    },
    breakNext: () => void peer.failNext({ method: 'sendMessage', error: 'drop-after' }),
    advance: (ms) => clock.advance(ms),
    complaints: () => peer.violations.map(({ method, message }) => `${method}: ${message}`),
    async end() {
      await started.stop()
      await world.end()
      await peer.stop()
      await server.close()
    },
  }
}

async function untilPolling(peer: TelegramPeer): Promise<void> {
  while (!peer.pollWaiting) await new Promise((resolve) => setTimeout(resolve, 5))
}

function shownOf(message: MessageView): Shown {
  const found = message.raw.entities ?? message.raw.caption_entities ?? []
  const words = (entity: { offset: number; length: number }) =>
    message.text.slice(entity.offset, entity.offset + entity.length)
  return {
    id: String(message.messageId),
    text: message.text.replaceAll('\u2060', ''),
    buttons: [...message.buttons],
    files: message.files.map(({ name, bytes }) => ({ name, bytes })),
    edits: message.editCount,
    calls: found.filter(({ type }) => type === 'mention' || type === 'text_mention').map(words),
    links: found.flatMap((entity) => (entity.type === 'text_link' ? [entity.url] : [])),
  }
}

function listen(
  answer: (request: Request) => Response | Promise<Response>,
): Promise<{ url: string; close(): Promise<void> }> {
  return new Promise((resolve) => {
    const server = serve({ fetch: answer, hostname: '127.0.0.1', port: 0 }, ({ port }) =>
      resolve({
        url: `http://127.0.0.1:${port}`,
        close: () => new Promise((closed) => void server.close(() => closed())),
      }),
    )
  })
}

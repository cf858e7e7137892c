import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Bot, GrammyError, HttpError, InlineKeyboard, InputFile, webhookCallback } from 'grammy'
import { afterEach, describe, expect, it } from 'vitest'
import { type PeerOptions, startTelegramPeer, type TelegramPeer } from './telegram/index.ts'

const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function start(options: PeerOptions = {}): Promise<TelegramPeer> {
  const peer = await startTelegramPeer(options)
  cleanups.push(() => peer.stop())
  return peer
}

const botFor = (peer: TelegramPeer, token = peer.token): Bot => new Bot(token, { client: { apiRoot: peer.url } })

function poll(bot: Bot): Promise<unknown> {
  const { promise: started, resolve } = Promise.withResolvers<void>()
  const done = bot.start({ onStart: () => resolve() }).catch((error: unknown) => error)
  cleanups.push(() => bot.stop())
  return Promise.race([started, done])
}

async function refusal(call: Promise<unknown>): Promise<GrammyError> {
  const error = await call.then(
    () => new Error('the call went through'),
    (reason: unknown) => reason,
  )
  if (error instanceof GrammyError) return error
  throw error
}

/** A plain request, for what grammY would never send. */
async function raw(peer: TelegramPeer, method: string, params: object, token = peer.token) {
  const response = await fetch(`${peer.url}/bot${token}/${method}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(params),
  })
  const body = (await response.json()) as { ok: boolean; description?: string; parameters?: object; result?: unknown }
  return { status: response.status, ...body }
}

describe('polling', () => {
  it('carries a conversation: command, reply, edit, button and its answer', async () => {
    const peer = await start()
    const ann = peer.user({ firstName: 'Ann', username: 'ann', languageCode: 'en' })
    const chat = peer.privateChat(ann)
    const bot = botFor(peer)
    bot.command('go', (ctx) =>
      ctx.reply(`Hi ${ctx.from?.first_name} ${ctx.match}`, {
        reply_markup: new InlineKeyboard().text('Yes', 'y:1').text('No', 'n:1'),
      }),
    )
    bot.callbackQuery(/^y:/, async (ctx) => {
      await ctx.editMessageText('Done', { entities: [{ type: 'bold', offset: 0, length: 4 }] })
      await ctx.answerCallbackQuery({ text: 'Noted' })
    })
    await poll(bot)
    peer.sendText(chat, ann, '/go now')
    const asked = await peer.waitForMessage(chat, { contains: 'Hi Ann now', button: 'Yes' })
    const outcome = await peer.pressButton(chat, ann, asked.messageId, 'Yes')
    expect(outcome).toMatchObject({ answered: true, text: 'Noted' })
    const [, done] = peer.messages(chat)
    expect(done).toMatchObject({ text: 'Done', keyboard: undefined, editCount: 1 })
    expect(done?.history[0]?.text).toBe('Hi Ann now')
    await peer.waitForIdle()
    expect(peer.violations).toEqual([])
    await expect(peer.pressButton(chat, ann, asked.messageId, 'Yes')).rejects.toThrow('no button "Yes"')
  })

  it('ends the older of two pollers with a conflict', async () => {
    const peer = await start()
    const first = botFor(peer)
    const ended = first.start().then(
      () => undefined,
      (error: unknown) => error,
    )
    await expect.poll(() => peer.pollWaiting).toBe(true)
    await poll(botFor(peer))
    expect(await ended).toMatchObject({
      error_code: 409,
      description: 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
    })
  })

  it('confirms by offset, honours limit and allowed_updates, and survives identifiers going down', async () => {
    const peer = await start()
    const ann = peer.user({ firstName: 'Ann' })
    const chat = peer.privateChat(ann)
    const { api } = botFor(peer)
    const [one, two] = [peer.sendText(chat, ann, '1'), peer.sendText(chat, ann, '2')]
    expect(two.updateId).toBe((one.updateId ?? 0) + 1)
    expect(await api.getUpdates({ limit: 1 })).toMatchObject([{ update_id: one.updateId }])
    expect(await api.getUpdates({ offset: two.updateId ?? 0 })).toMatchObject([{ update_id: two.updateId }])
    expect(await api.getUpdates()).toHaveLength(1)
    peer.jumpUpdateIds(500)
    peer.sendText(chat, ann, '3')
    const late = await api.getUpdates({ offset: (two.updateId ?? 0) + 1 })
    expect(late.map(({ update_id }) => update_id)).toEqual([two.updateId, 500])
    expect(await api.getUpdates({ offset: -1, allowed_updates: ['callback_query'] })).toHaveLength(1)
    expect(peer.sendText(chat, ann, '4').updateId).toBeUndefined()
  })

  it('redelivers, drops connections and delays as told', async () => {
    const peer = await start()
    const ann = peer.user({ firstName: 'Ann' })
    const chat = peer.privateChat(ann)
    const bot = botFor(peer)
    const seen: number[] = []
    bot.on('message', (ctx) => void seen.push(ctx.update.update_id))
    await poll(bot)
    const { updateId = 0 } = peer.sendText(chat, ann, 'once')
    await peer.waitForIdle()
    peer.redeliver(updateId, 2)
    await peer.waitForIdle()
    expect(seen).toEqual([updateId, updateId, updateId])

    peer.failNext({ method: 'sendMessage', chatId: chat.id, error: 'drop-before' })
    await expect(bot.api.sendMessage(chat.id, 'lost')).rejects.toThrow(HttpError)
    peer.failNext({ method: 'sendMessage', error: 'drop-after' })
    await expect(bot.api.sendMessage(chat.id, 'kept')).rejects.toThrow(HttpError)
    expect(peer.messages(chat).map(({ text }) => text)).toEqual(['once', 'kept'])
    expect(peer.callsOf('sendMessage').map(({ outcome }) => outcome)).toEqual(['dropped-before', 'dropped-after'])

    const fault = peer.failNext({
      method: '*',
      count: 2,
      error: { code: 429, description: 'Too Many Requests: retry after 3', retryAfter: 3 },
    })
    expect((await refusal(bot.api.sendMessage(chat.id, 'x'))).parameters).toEqual({ retry_after: 3 })
    await refusal(bot.api.getMe())
    expect(fault.left).toBe(0)
    peer.failNext({ method: 'getMe', error: { delayMs: 80 } })
    const before = Date.now()
    await bot.api.getMe()
    expect(Date.now() - before).toBeGreaterThanOrEqual(75)
  })
})

describe('webhook', () => {
  async function receive(bot: Bot, secretToken: string) {
    const handler = webhookCallback(bot, 'http', { secretToken })
    const seen: { status: number }[] = []
    const failures: number[] = []
    const server = createServer(async (request, response) => {
      response.on('finish', () => seen.push({ status: response.statusCode }))
      const status = failures.shift()
      if (status !== undefined) response.writeHead(status).end()
      else await handler(request, response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    cleanups.push(async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, seen, failures }
  }

  it('posts with the secret, retries what fails, keeps the order of a chat', async () => {
    const peer = await start({ webhookRetryMs: 5 })
    const ann = peer.user({ firstName: 'Ann' })
    const chat = peer.privateChat(ann)
    const bot = botFor(peer)
    const order: string[] = []
    bot.on('message:text', async (ctx) => {
      order.push(ctx.msg.text)
      await ctx.reply(`got ${ctx.msg.text}`)
    })
    const hook = await receive(bot, 'secret_1')
    await bot.api.setWebhook(hook.url, { secret_token: 'secret_1', max_connections: 3 })
    hook.failures.push(500, 503)
    for (const text of ['a', 'b', 'c']) peer.sendText(chat, ann, text)
    await peer.waitForMessage(chat, { contains: 'got c' })
    await peer.waitForIdle()
    expect(order).toEqual(['a', 'b', 'c'])
    expect(hook.seen.map(({ status }) => status)).toEqual([500, 503, 200, 200, 200])
    const info = await bot.api.getWebhookInfo()
    expect(info).toMatchObject({ url: hook.url, pending_update_count: 0, max_connections: 3 })
    expect(info.last_error_message).toBe('Wrong response from the webhook: 503 Service Unavailable')
    const conflict = await refusal(bot.api.getUpdates())
    expect(conflict.error_code).toBe(409)
    expect(conflict.description).toBe(
      "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    )
    await bot.api.deleteWebhook()
    peer.sendText(chat, ann, 'd')
    expect(await bot.api.getUpdates()).toHaveLength(1)
  })

  it('is refused by a bot with another secret, and repeats', async () => {
    const peer = await start({ webhookRetryMs: 5, webhookAttempts: 3 })
    const ann = peer.user({ firstName: 'Ann' })
    const hook = await receive(botFor(peer), 'right')
    await botFor(peer).api.setWebhook(hook.url, { secret_token: 'wrong' })
    peer.sendText(peer.privateChat(ann), ann, 'hello')
    await peer.waitForIdle()
    expect(hook.seen.map(({ status }) => status)).toEqual([401, 401, 401])
  })

  it('takes public addresses without ever calling them', async () => {
    const peer = await start({ webhookRetryMs: 5 })
    const ann = peer.user({ firstName: 'Ann' })
    const { api } = botFor(peer)
    await api.setWebhook('https://bots.example.org/hook')
    peer.sendText(peer.privateChat(ann), ann, 'hello')
    await expect.poll(async () => (await api.getWebhookInfo()).last_error_message).toBe('Connection refused')
    expect((await refusal(api.setWebhook('http://bots.example.org/hook'))).description).toMatch(/An HTTPS URL must/)
    expect((await refusal(api.setWebhook('https://bots.example.org:81/'))).description).toMatch(/only on ports/)
    expect((await refusal(api.setWebhook('https://bots.example.org', { secret_token: 'a b' }))).description).toBe(
      'Bad Request: secret token contains unallowed characters',
    )
  })
})

describe('groups', () => {
  it('follows privacy mode, replies and topics', async () => {
    const peer = await start({ username: 'helper_bot' })
    const [ann, bob] = [peer.user({ firstName: 'Ann' }), peer.user({ firstName: 'Bob' })]
    const group = peer.group({ title: 'Team', members: [ann, bob] })
    const { api } = botFor(peer)
    const heard = (text: string, where = {}) => peer.sendText(group, bob, text, where).updateId !== undefined
    expect(heard('hello all')).toBe(false)
    expect(heard('/go')).toBe(true)
    expect(heard('/go@other_bot')).toBe(false)
    expect(heard('ask @helper_bot please')).toBe(true)
    const sent = await api.sendMessage(group.id, 'Anyone?')
    expect(heard('me', { replyToMessageId: sent.message_id })).toBe(true)
    peer.setBot(group, ann, 'administrator')
    expect(heard('hello all')).toBe(true)

    const forum = peer.supergroup({ title: 'Forum', members: [ann], isForum: true })
    const topic = peer.topic(forum, ann, 'Jobs').messageId
    const posted = await api.sendMessage(forum.id, 'in topic', { message_thread_id: topic })
    expect(posted).toMatchObject({ message_thread_id: topic, is_topic_message: true })
    const command = peer.sendText(forum, ann, '/go', { threadId: topic })
    expect(command.message.reply_to_message?.forum_topic_created).toBeDefined()
    const missing = await refusal(api.sendMessage(forum.id, 'x', { message_thread_id: 999 }))
    expect(missing.description).toBe('Bad Request: message thread not found')
  })

  it('moves to a supergroup, and blocks', async () => {
    const peer = await start()
    const ann = peer.user({ firstName: 'Ann' })
    const group = peer.group({ title: 'Team', members: [ann] })
    const { api } = botFor(peer)
    const next = peer.migrateGroup(group)
    const moved = await refusal(api.sendMessage(group.id, 'x'))
    expect(moved.description).toBe('Bad Request: group chat was upgraded to a supergroup chat')
    expect(moved.parameters).toEqual({ migrate_to_chat_id: next.id })
    expect((await api.sendMessage(next.id, 'x')).chat.type).toBe('supergroup')
    expect((await api.getChatAdministrators(next.id)).map(({ status }) => status)).toEqual(['creator'])

    const chat = peer.privateChat(ann)
    peer.block(ann)
    expect(await refusal(api.sendMessage(chat.id, 'x'))).toMatchObject({
      error_code: 403,
      description: 'Forbidden: bot was blocked by the user',
    })
    peer.unblock(ann)
    await api.sendMessage(chat.id, 'x')
    const kinds = (await api.getUpdates()).flatMap((update) => Object.keys(update)).filter((key) => key !== 'update_id')
    expect(kinds).toEqual(['message', 'message', 'my_chat_member', 'my_chat_member'])
    await api.leaveChat(next.id)
    expect((await refusal(api.getChat(next.id))).description).toBe(
      'Forbidden: bot is not a member of the supergroup chat',
    )
  })
})

describe('files and commands', () => {
  it('takes uploads and hands out downloads', async () => {
    const peer = await start()
    const ann = peer.user({ firstName: 'Ann' })
    const chat = peer.privateChat(ann)
    const { api } = botFor(peer)
    const bytes = Buffer.from([0, 13, 10, 45, 45, 255, 13, 10])
    const sent = await api.sendDocument(chat.id, new InputFile(bytes, 'my report.bin'), { caption: 'See' })
    expect(sent.document).toMatchObject({ file_name: 'my report.bin', file_size: 8 })
    const [view] = peer.messages(chat)
    expect(view?.files[0]?.bytes.equals(bytes)).toBe(true)
    expect(view?.text).toBe('See')
    await api.sendDocument(chat.id, sent.document.file_id)

    const form = new FormData()
    form.set('chat_id', String(chat.id))
    form.set('document', new Blob(['plain']), 'a "b".txt')
    const direct = await fetch(`${peer.url}/bot${peer.token}/sendDocument`, { method: 'POST', body: form })
    expect(direct.status).toBe(200)

    const upload = { name: 'in.txt', bytes: Buffer.from('hello'), mimeType: 'text/plain' }
    const { message } = peer.sendFile(chat, ann, upload)
    const file = await api.getFile(message.document?.file_id ?? '')
    const address = (token: string) => `${peer.url}/file/bot${token}/${file.file_path}`
    expect(await (await fetch(address(peer.token))).text()).toBe('hello')
    expect((await fetch(`${address(peer.token)}x`)).status).toBe(404)
    const big = peer.sendFile(chat, ann, { ...upload, bytes: Buffer.alloc(20 * 1024 * 1024 + 1) })
    expect((await refusal(api.getFile(big.message.document?.file_id ?? ''))).description).toBe(
      'Bad Request: file is too big',
    )
    const png = Buffer.from('89504e470d0a1a0a0000000d494844520000000300000002', 'hex')
    const photo = await api.sendPhoto(chat.id, new InputFile(png, 'p.png'))
    expect(photo.photo[0]).toMatchObject({ width: 3, height: 2 })
    expect((await refusal(api.sendPhoto(chat.id, new InputFile(Buffer.from('no'))))).description).toBe(
      'Bad Request: IMAGE_PROCESS_FAILED',
    )
    expect(peer.violations).toEqual([])
  })

  it('keeps commands by scope and language', async () => {
    const peer = await start()
    const { api } = botFor(peer)
    await api.setMyCommands([{ command: 'go', description: 'Go' }])
    await api.setMyCommands([{ command: 'los', description: 'Los' }], {
      scope: { type: 'all_group_chats' },
      language_code: 'de',
    })
    expect(peer.commands()).toEqual([{ command: 'go', description: 'Go' }])
    expect(peer.commands({ type: 'all_group_chats' }, 'de')).toHaveLength(1)
    await api.deleteMyCommands()
    expect(await api.getMyCommands()).toEqual([])
  })

  it('limits the rate when asked to, edits included', async () => {
    let now = 1_700_000_000_000
    const peer = await start({ rateLimit: { burst: 2, groupPerMinute: 4 }, now: () => now })
    const ann = peer.user({ firstName: 'Ann' })
    const group = peer.group({ title: 'Team', members: [ann] })
    const { api } = botFor(peer)
    const { message_id } = await api.sendMessage(group.id, '1')
    await api.editMessageText(group.id, message_id, '2')
    expect((await refusal(api.sendMessage(group.id, '3'))).parameters).toEqual({ retry_after: 1 })
    now += 2000
    await api.sendMessage(group.id, '3')
    await api.sendMessage(group.id, '4')
    now += 2000
    const limited = await refusal(api.sendMessage(group.id, '5'))
    expect(limited.description).toBe('Too Many Requests: retry after 56')
  })
})

describe('refusals', () => {
  const keyboard = (...buttons: object[]) => ({ reply_markup: { inline_keyboard: [buttons] } })
  const entity = (given: object) => ({ text: 'a😀b', entities: [{ type: 'bold', offset: 0, length: 1, ...given }] })
  const html = (text: string) => ({ text, parse_mode: 'HTML' })
  const mark = (text: string) => ({ text, parse_mode: 'MarkdownV2' })
  const send = (params: object, words: string) => ['sendMessage', { text: 'x', ...params }, words] as const

  const table: readonly (readonly [string, object, string])[] = [
    send({ text: '' }, 'message text is empty'),
    send({ text: ' \n ' }, 'text must be non-empty'),
    send({ text: 'x'.repeat(4097) }, 'message is too long'),
    send({ text: '😀'.repeat(2049) }, 'message is too long'),
    send({ chat_id: 12_345 }, 'chat not found'),
    send({ chat_id: undefined }, 'chat_id is empty'),
    send({ reply_parameters: { message_id: 77 } }, 'message to be replied not found'),
    send({ parse_mode: 'BBCode' }, 'unsupported parse_mode'),
    send(html('<b>x'), 'can\'t parse entities: Can\'t find end tag corresponding to start tag "b"'),
    send(html('a <h1>x</h1>'), 'can\'t parse entities: Unsupported start tag "h1" at byte offset 2'),
    send(html('<b>x</i>'), 'can\'t parse entities: Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
    send(html('1 </b>'), "can't parse entities: Unexpected end tag at byte offset 2"),
    send(mark('a.b'), "can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'"),
    send(mark('é *x'), "can't parse entities: Can't find end of Bold entity at byte offset 3"),
    send(entity({ type: 'blink' }), "can't parse MessageEntity: Unsupported type specified"),
    send(entity({ type: 'text_link' }), 'can\'t parse MessageEntity: Can\'t find field "url"'),
    send(entity({ type: 'text_link', url: 'http://x' }), "entity URL 'http://x' is invalid: Wrong HTTP URL"),
    send(entity({ offset: 2 }), 'entity begins in a middle of a UTF-16 symbol at byte offset 5'),
    send(
      entity({ offset: 1 }),
      'entity beginning at UTF-16 offset 1 ends in a middle of a UTF-16 symbol at byte offset 5',
    ),
    send(entity({ offset: 4 }), 'entity begins after the end of the text at UTF-16 offset 4'),
    send(
      entity({ offset: 3, length: 2 }),
      'entity beginning at UTF-16 offset 3 ends after the end of the text at UTF-16 offset 5',
    ),
    send(keyboard({ text: 'b', callback_data: 'é'.repeat(33) }), 'BUTTON_DATA_INVALID'),
    send(keyboard({ text: '', callback_data: 'x' }), 'inline keyboard button text must be non-empty'),
    send(
      keyboard({ text: 'b' }),
      "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    ),
    send(
      keyboard({ text: 'b', url: 'http://localhost:80/' }),
      "inline keyboard button URL 'http://localhost:80/' is invalid: Wrong HTTP URL",
    ),
    send(keyboard(...Array(101).fill({ text: 'b', callback_data: 'x' })), 'reply markup is too long'),
    [
      'editMessageText',
      { message_id: 1, text: 'Hello' },
      `message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message`,
    ],
    ['editMessageText', { message_id: 9, text: 'x' }, 'message to edit not found'],
    ['editMessageText', { message_id: 2, text: 'x' }, "message can't be edited"],
    ['editMessageText', { message_id: 1, text: 'x'.repeat(4097) }, 'MESSAGE_TOO_LONG'],
    ['editMessageReplyMarkup', { message_id: 1, reply_markup: { force_reply: true } }, 'inline keyboard expected'],
    ['deleteMessage', { message_id: 9 }, 'message to delete not found'],
    ['sendDocument', {}, 'there is no document in the request'],
    [
      'sendDocument',
      { document: 'x', caption: 'x'.repeat(1025) },
      "wrong remote file identifier specified: can't unserialize it. Wrong last symbol",
    ],
    ['sendChatAction', { action: 'thinking' }, 'wrong parameter action in request'],
    [
      'answerCallbackQuery',
      { callback_query_id: '1' },
      'query is too old and response timeout expired or query ID is invalid',
    ],
    ['answerCallbackQuery', { callback_query_id: '1', text: 'x'.repeat(201) }, 'MESSAGE_TOO_LONG'],
    ['setMyCommands', { commands: [{ command: 'Go', description: 'Go' }] }, 'BOT_COMMAND_INVALID'],
    ['setMyCommands', { commands: [{ command: 'go', description: ' ' }] }, 'command description must be non-empty'],
    ['setMyCommands', { commands: [{ command: 'go', description: '\u200b' }] }, 'BOT_COMMAND_DESCRIPTION_INVALID'],
    [
      'setMyCommands',
      { commands: [], scope: { type: 'x' } },
      "can't parse BotCommandScope: Unsupported type specified",
    ],
    ['getFile', { file_id: 'nope' }, 'invalid file_id'],
    ['getChatMember', { user_id: 1 }, 'user not found'],
    ['getChatAdministrators', {}, 'there are no administrators in the private chat'],
    ['leaveChat', {}, "chat member status can't be changed in private chats"],
    ['sendMessageDraft', { draft_id: 0, text: 'x' }, 'RANDOM_ID_INVALID'],
  ]

  it.each(table)('%s %j', async (method, params, words) => {
    // Its own words are asked for, not ours.
    const peer = await start({ passesOver: true })
    const ann = peer.user({ firstName: 'Ann' })
    const chat = peer.privateChat(ann)
    await raw(peer, 'sendMessage', { chat_id: chat.id, text: 'Hello' })
    peer.sendText(chat, ann, 'mine')
    const answer = await raw(peer, method, { chat_id: chat.id, ...params })
    expect(answer).toMatchObject({ status: 400, ok: false, description: `Bad Request: ${words}` })
  })

  it('knows tokens and methods', async () => {
    const peer = await start()
    const other = '1234567:AAbbccddeeffgghhiijjkkllmmnnooppqqrr'
    expect(await raw(peer, 'getMe', {}, other)).toMatchObject({ status: 401, description: 'Unauthorized' })
    expect(await raw(peer, 'getMe', {}, 'x')).toMatchObject({ status: 404, description: 'Not Found' })
    expect(await raw(peer, 'sendNothing', {})).toMatchObject({
      status: 404,
      description: 'Not Found: method not found',
    })
    expect(peer.violations).toEqual([{ callId: 1, method: 'sendNothing', message: 'no such method' }])
    const byAddress = await fetch(`${peer.url}/bot${peer.token}/GETME`)
    expect(await byAddress.json()).toMatchObject({ ok: true, result: { id: peer.botUser.id } })
  })

  it('notes what Telegram lets pass', async () => {
    const peer = await start({ passesOver: true })
    const ann = peer.user({ firstName: 'Ann' })
    const chat = peer.privateChat(ann)
    const both = { text: 'b', callback_data: 'x', url: 'https://example.org' }
    const bold = { type: 'bold', offset: 0, length: 3 }
    const sent = await raw(peer, 'sendMessage', {
      chat_id: chat.id,
      text: 'some text',
      disable_web_page_preview: true,
      protect_content: 'perhaps',
      entities: [bold, { type: 'code', offset: 1, length: 5 }],
      ...keyboard(both),
    })
    expect(sent.ok).toBe(true)
    expect(peer.messages(chat)[0]?.entities).toEqual([bold])
    expect(peer.violations.map(({ message }) => message)).toEqual([
      'unknown parameter "disable_web_page_preview"',
      'parameter "protect_content" should be boolean, but is "perhaps"',
      'parameter "reply_markup".inline_keyboard[0][0] has unknown field "url"',
      expect.stringContaining("can't be part of bold"),
      'button "b" has several actions: url, callback_data',
    ])
  })

  it('reads formatting the way Telegram does', async () => {
    const peer = await start()
    const ann = peer.user({ firstName: 'Ann' })
    const chat = peer.privateChat(ann)
    const { api } = botFor(peer)
    await api.sendMessage(
      chat.id,
      'é <b>b&lt;</b> <pre><code class="language-ts">let</code></pre> <a href="https://a.b/">c</a>',
      {
        parse_mode: 'HTML',
      },
    )
    await api.sendMessage(chat.id, '*b _i_* `a.b` [t](https://a.b/\\)x) ||s|| \\.\n>q\n>r||\nend', {
      parse_mode: 'MarkdownV2',
    })
    const [one, two] = peer.messages(chat)
    expect(one?.text).toBe('é b< let c')
    expect(one?.entities).toEqual([
      { type: 'bold', offset: 2, length: 2 },
      { type: 'pre', offset: 5, length: 3, language: 'ts' },
      { type: 'text_link', offset: 9, length: 1, url: 'https://a.b/' },
    ])
    expect(two?.text).toBe('b i a.b t s .\nq\nr\nend')
    expect(two?.entities.map(({ type, offset, length }) => [type, offset, length])).toEqual([
      ['bold', 0, 3],
      ['italic', 2, 1],
      ['code', 4, 3],
      ['text_link', 8, 1],
      ['spoiler', 10, 1],
      ['expandable_blockquote', 14, 3],
    ])
    expect(peer.violations).toEqual([])
  })

  it('lets drafts into private chats only, and answers a button once', async () => {
    const peer = await start({ callbackTimeoutMs: 50 })
    const ann = peer.user({ firstName: 'Ann' })
    const chat = peer.privateChat(ann)
    const group = peer.group({ title: 'Team', members: [ann] })
    const { api } = botFor(peer)
    await raw(peer, 'sendMessageDraft', { chat_id: chat.id, draft_id: 4, text: 'Thin' })
    expect(peer.drafts(chat)).toMatchObject([{ draftId: 4, text: 'Thin' }])
    expect((await raw(peer, 'sendMessageDraft', { chat_id: group.id, draft_id: 4, text: 'x' })).description).toBe(
      'Bad Request: TEXTDRAFT_PEER_INVALID',
    )
    const { message_id } = await api.sendMessage(chat.id, 'x', { reply_markup: new InlineKeyboard().text('A', 'a') })
    const pressed = peer.pressButton(chat, ann, message_id, 'a')
    await api.answerCallbackQuery(pressed.queryId ?? '')
    expect((await refusal(api.answerCallbackQuery(pressed.queryId ?? ''))).description).toMatch(/query is too old/)
    expect(await peer.pressButton(chat, ann, message_id, 'A')).toMatchObject({ answered: false })
  })
})

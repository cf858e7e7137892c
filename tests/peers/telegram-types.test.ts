import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type ChatRecord, startTelegramPeer, type TelegramPeer } from './telegram/index.ts'
import { readTypes } from './telegram/schema/read-types.ts'
import { written } from './telegram/schema/written.ts'

const FILE = join(import.meta.dirname, 'telegram', 'schema', 'bot-api.json')

it('what the peer knows of Telegram’s types is what grammY has; else run: node tests/peers/telegram/schema/main.ts', () => {
  const types = readTypes()
  expect(readFileSync(FILE, 'utf8')).toBe(written(types))
  expect(Object.keys(types.methods).length).toBeGreaterThan(150)
})

describe('a call that does not keep to Telegram’s types', () => {
  let peer: TelegramPeer
  let chat: ChatRecord
  afterEach(() => peer.stop())

  async function call(
    method: string,
    params: object,
  ): Promise<{ status: number; description?: string; noted: string[] }> {
    peer = await startTelegramPeer()
    const ann = peer.user({ firstName: 'Ann' })
    chat = peer.privateChat(ann)
    const response = await fetch(`${peer.url}/bot${peer.token}/${method}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(params, (_, value) => (value === 'CHAT' ? chat.id : value)),
    })
    const { description } = (await response.json()) as { description?: string }
    const noted = peer.violations.map(({ message }) => message)
    return { status: response.status, ...(description === undefined ? {} : { description }), noted }
  }
  const say = (more: object) => call('sendMessage', { chat_id: 'CHAT', text: 'x', ...more })
  const button = (more: object) => say({ reply_markup: { inline_keyboard: [[{ text: 'b', ...more }]] } })

  it('to a method that does not exist is refused', async () => {
    expect(await call('sendNothing', {})).toMatchObject({ status: 404, noted: ['no such method'] })
  })

  it('to a method that is not played is refused, though it exists', async () => {
    const answer = await call('sendDice', { chat_id: 'CHAT' })
    expect(answer).toMatchObject({ status: 404, noted: ['a real method that is not played here'] })
  })

  it.each<[string, object, string]>([
    ['a parameter that does not exist', { silent: true }, 'unknown parameter "silent"'],
    [
      'words for a number',
      { message_thread_id: 'five' },
      'parameter "message_thread_id" should be number, but is "five"',
    ],
    ['a broken number', { message_thread_id: 1.5 }, 'parameter "message_thread_id" should be number, but is 1.5'],
    ['a number for words', { text: 5 }, 'parameter "text" should be string, but is 5'],
    ['a number for yes', { disable_notification: 1 }, 'parameter "disable_notification" should be boolean, but is 1'],
    [
      'a format that does not exist',
      { parse_mode: 'BBCode' },
      'parameter "parse_mode" is "BBCode", which is none of its values',
    ],
    ['words for a structure', { entities: 'bold' }, 'parameter "entities" should be a list, but is "bold"'],
  ])('with %s is refused', async (_, more, words) => {
    const { status, description, noted } = await say(more)
    expect([status, description, noted]).toEqual([400, `Bad Request: ${words}`, [words]])
    expect(peer.messages(chat)).toEqual([])
  })

  it.each<[string, () => ReturnType<typeof call>, string]>([
    [
      'an entity',
      () => say({ entities: [{ type: 'bold', offset: 0, length: 1, colour: 'red' }] }),
      'unknown field "colour"',
    ],
    ['a button', () => button({ callback_data: 'x', size: 1 }), 'unknown field "size"'],
    ['a style', () => button({ callback_data: 'x', style: 'huge' }), 'style is "huge", which is none'],
    ['a link preview', () => say({ link_preview_options: { is_disabled: 'yes' } }), 'is_disabled should be boolean'],
    ['a reply', () => say({ reply_parameters: { message_id: '1' } }), 'message_id should be number'],
    ['a command', () => call('setMyCommands', { commands: [{ command: 'x' }] }), 'description is missing'],
    ['a scope', () => call('setMyCommands', { commands: [], scope: { type: 'chat' } }), 'is "chat", which is none'],
    ['a button of no length', () => button({ callback_data: '' }), 'has 0 bytes; 1 to 64'],
    ['a button too long', () => button({ callback_data: 'x'.repeat(65) }), 'has 65 bytes; 1 to 64'],
    ['a text too long', () => say({ text: 'x'.repeat(4_097) }), 'has 4097 characters; 1 to 4096'],
    [
      'a notice too long',
      () => call('answerCallbackQuery', { callback_query_id: '1', text: 'x'.repeat(201) }),
      '0 to 200',
    ],
    ['what must be there', () => call('sendMessage', { chat_id: 'CHAT' }), 'required parameter "text" is missing'],
  ])('in %s is noted', async (_, made, words) => {
    expect((await made()).noted.join('\n')).toContain(words)
  })

  it('fails the test in which nobody asked for what was noted', async () => {
    peer = await startTelegramPeer()
    await fetch(`${peer.url}/bot${peer.token}/getMe?colour=red`)
    await expect(peer.stop()).rejects.toThrow('getMe: unknown parameter "colour"')
    expect(peer.violations).toHaveLength(1)
    peer = await startTelegramPeer()
  })
})

import { readFileSync } from 'node:fs'
import type { Update } from 'grammy/types'
import { describe, expect, it } from 'vitest'
import { toIncoming } from '#bots/telegram/incoming.ts'
import type { Incoming } from '#core/chat/message.ts'

const SELF = { id: 7_000_000_001, username: 'muster_bot' }
const NOW_MS = 1_795_170_000_000

/** Updates in the shape in which the Bot API posts them. */
function read(name: string): Incoming | undefined {
  const update = JSON.parse(readFileSync(new URL(`updates/${name}.json`, import.meta.url), 'utf8')) as Update
  return toIncoming(update, SELF, NOW_MS)
}

describe('an update becomes what was said', () => {
  it('in private, with everything that is known', () => {
    expect(read('private-text')).toEqual({
      channel: 'telegram',
      deliveryId: '7000000001:700000001',
      conversation: '5123456789',
      isPrivate: true,
      sender: { externalId: '5123456789', name: 'Ann Lee', handle: 'ann_lee' },
      text: 'summarize this, please',
      isAddressed: true,
      files: [],
      atMs: 1_795_168_800_000,
    })
  })

  it.each([
    ['start-payload', '/start Xy7-_abcdefghijklmnopq'],
    ['group-command', '/Run release-notes\nv1.2'],
    ['group-command-dash', '/release-notes v1.2'],
    ['mention-first', 'run release-notes'],
    ['mention-last', '🎉 run release-notes'],
    ['mention-middle', 'can run it'],
    ['mention-command', '/balance'],
    ['text-mention', 'run it'],
    ['reply-to-bot', 'the second one'],
    ['topic', '/jobs'],
    ['only-mention', ''],
  ])('%s: without the name of the bot', (name, text) => {
    expect(read(name)).toMatchObject({ text, isAddressed: true })
  })

  it.each([
    'group-other-bot',
    'group-talk',
    'topic-talk',
    'edited',
    'anonymous-admin',
    'linked-channel',
    'other-bot-speaks',
    'joined',
    'sticker',
    'kicked',
  ])('%s: nothing was said to us', (name) => {
    expect(read(name)).toBeUndefined()
  })

  it('in a topic of a forum, and in no topic where there are none', () => {
    expect(read('topic')).toMatchObject({ conversation: '-1002233445566:57', isPrivate: false })
    expect(read('topic')?.replyTo).toBeUndefined()
    expect(read('thread-without-topics')).toMatchObject({
      conversation: '-1002233445566',
      replyTo: { messageRef: '-1002233445566/58', text: 'hello' },
      hints: { messageRef: '-1002233445566/62' },
    })
  })

  it('with its files, of a photo the largest', () => {
    const document = { name: 'log.txt', mediaType: 'text/plain', sizeBytes: 1234, fetchRef: 'BQACAgIAAxkBAAIB' }
    expect(read('document')).toMatchObject({ text: '/changelog since=v1', files: [document] })
    const photo = { name: 'photo-l1.jpg', mediaType: 'image/jpeg', sizeBytes: 120_000, fetchRef: 'large' }
    expect(read('photo')).toMatchObject({ text: '', files: [photo] })
  })

  it('with what it answers: its text without our marks, what was picked out of it, its files', () => {
    expect(read('reply-to-bot')?.replyTo).toEqual({
      messageRef: '-1002233445566/40',
      text: 'Which variant, @ann_lee?',
    })
    expect(read('reply-quote')?.replyTo?.text).toBe('With a point.')
    expect(read('only-mention')?.replyTo).toMatchObject({ text: 'numbers', files: [{ name: 'a.csv', fetchRef: 'F1' }] })
  })

  it('by a button, also on a message too old to be shown', () => {
    expect(read('callback')).toMatchObject({
      conversation: '-1002233445566:57',
      text: 'Yes',
      button: { token: 'Zt0kEn_of_22_character', answerRef: '4382739473829473829' },
      sender: { externalId: '5123456789' },
      atMs: NOW_MS,
    })
    expect(read('callback-old')).toMatchObject({ conversation: '5123456789', isPrivate: true, text: '' })
  })

  it('when a group became a supergroup', () => {
    expect(read('migrated')).toMatchObject({ conversation: '-998877', movedTo: '-1002233445566' })
  })
})

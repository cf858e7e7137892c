import { describe, expect, it } from 'vitest'
import type { Message } from '#server/console/src/api/types.ts'
import { type History, mergeNewest, positionOf, prepend, upsert } from '#server/console/src/chat/history.ts'
import { type Unsent, withoutLanded } from '#server/console/src/chat/outbox.ts'

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString()

const message = (id: string, second: number, more: Partial<Message> = {}): Message => ({
  id,
  conversationId: 'c',
  at: at(second),
  editedAt: null,
  from: 'bot',
  parts: [],
  text: id,
  seq: second,
  ...more,
})
const page = (items: Message[], nextCursor: string | null = null) => ({ items, nextCursor })
const history = (...items: Message[]): History => ({ items, olderCursor: 'older' })
const ids = (value: History): string => value.items.map((item) => item.id).join('')

describe('history of a conversation', () => {
  it('puts a new message where its time belongs and an edit where it stood', () => {
    const known = history(message('a', 1), message('c', 3))
    expect(ids(upsert(known, message('d', 4)))).toBe('acd')
    expect(ids(upsert(known, message('b', 2)))).toBe('abc')
    const edited = upsert(known, message('a', 1, { editedAt: at(9), text: 'new' }))
    expect(ids(edited)).toBe('ac')
    expect(edited.items[0]?.text).toBe('new')
  })

  it('never lets an older state replace a newer one', () => {
    const known = history(message('a', 1, { editedAt: at(9), text: 'new' }))
    expect(upsert(known, message('a', 1, { editedAt: at(5), text: 'old' }))).toBe(known)
    expect(mergeNewest(known, page([message('a', 1, { text: 'old' })])).items[0]?.text).toBe('new')
  })

  it('joins a reread page that touches what is known, and keeps the way to older ones', () => {
    const known = history(message('a', 1), message('b', 2))
    const merged = mergeNewest(known, page([message('b', 2), message('c', 3)], 'other'))
    expect(ids(merged)).toBe('abc')
    expect(merged.olderCursor).toBe('older')
  })

  it('starts over when messages between are missing, but keeps what is newer than the page', () => {
    const known = history(message('a', 1), message('z', 60))
    const merged = mergeNewest(known, page([message('m', 30), message('n', 31)], 'before-m'))
    expect(ids(merged)).toBe('mnz')
    expect(merged.olderCursor).toBe('before-m')
  })

  it('leaves an edit of what is not loaded to the page it is on', () => {
    const known = history(message('b', 2))
    const edit = message('a', 1, { editedAt: at(9), seq: 9 })
    expect(upsert(known, edit)).toBe(known)
    expect(ids(upsert({ ...known, olderCursor: null }, edit))).toBe('ab')
  })

  it('knows the newest change, whichever message it was', () => {
    expect(positionOf(undefined)).toBe(0)
    expect(positionOf(history(message('a', 1, { seq: 7 }), message('b', 2, { seq: 3 })))).toBe(7)
  })

  it('adds older pages without doubles', () => {
    const merged = prepend(history(message('b', 2)), page([message('a', 1), message('b', 2)]))
    expect(ids(merged)).toBe('ab')
    expect(merged.olderCursor).toBeNull()
  })
})

describe('unsent messages', () => {
  const unsent = (key: string, text: string, more: Partial<Unsent> = {}): Unsent => ({
    key,
    text,
    files: [],
    at: at(0),
    afterMs: Date.parse(at(10)),
    state: 'sending',
    ...more,
  })
  const own = (id: string, second: number, text: string): Message => message(id, second, { from: 'user', text })
  const keys = (list: Unsent[]): string => list.map((one) => one.key).join('')

  it('are done once the conversation has them', () => {
    expect(keys(withoutLanded([unsent('1', 'hi')], [own('a', 11, 'hi')]))).toBe('')
  })

  it('are not taken for the same words said before, or by the bot', () => {
    expect(keys(withoutLanded([unsent('1', 'hi')], [own('a', 9, 'hi')]))).toBe('1')
    expect(keys(withoutLanded([unsent('1', 'hi')], [message('a', 11, { text: 'hi' })]))).toBe('1')
  })

  it('said twice need two messages', () => {
    const twice = [unsent('1', 'hi'), unsent('2', 'hi')]
    expect(keys(withoutLanded(twice, [own('a', 11, 'hi')]))).toBe('2')
    expect(keys(withoutLanded(twice, [own('a', 11, 'hi'), own('b', 12, 'hi')]))).toBe('')
  })

  it('with files need those files', () => {
    const file = { id: 'art_1', name: 'a', mediaType: 'b', sizeBytes: 1 }
    const one = unsent('1', '', { files: [file] })
    const part = { type: 'file', artifactId: 'art_1', name: 'a', mediaType: 'b', sizeBytes: 1 } as const
    expect(keys(withoutLanded([one], [message('a', 11, { from: 'user', text: '' })]))).toBe('1')
    expect(keys(withoutLanded([one], [message('a', 11, { from: 'user', parts: [part] })]))).toBe('')
  })
})

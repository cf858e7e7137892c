import { afterEach, describe, expect, it } from 'vitest'
import { text } from '#core/chat/message.ts'
import { putMessage } from '#core/chat/outbox.ts'
import type { Outgoing, Sender, SendResult } from '#core/chat/sender.ts'
import { startWork } from '#core/work.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World } from '#tests/support/world.ts'

describe.each(DIALECTS)('messages of one cause on %s', (dialect) => {
  let world: World
  /** What was handed to the channel: `one`, or `one?` where it was told that it may be there already. */
  let sent: string[]
  afterEach(async () => {
    await world.core.queue.stop(0)
    await world.end()
  })

  const begin = async (...messages: [words: string, cause: string][]): Promise<void> => {
    sent = []
    world = await createWorld(dialect)
    const { core } = world
    await core.db.write(async function putAll(tx) {
      for (const [words, cause] of messages) {
        await putMessage(core, tx, { channel: 'web', conversation: 'here', reply: { parts: [text(words)] }, cause })
      }
    })
  }
  const wordsOf = ({ parts, maybeDuplicate }: Outgoing): string =>
    `${parts.map((part) => ('text' in part ? part.text : '')).join('')}${maybeDuplicate ? '?' : ''}`
  const work = (answer: (words: string) => SendResult | Promise<SendResult>): Promise<void> => {
    const sender: Sender = {
      name: 'web',
      pace: { editPrivateMs: 0, editSharedMs: 0 },
      isPrivate: () => true,
      async send(message) {
        sent.push(wordsOf(message))
        return answer(wordsOf(message))
      },
      edit: async (messageRef) => ({ outcome: 'sent', messageRef }),
      download: async () => new Uint8Array(),
    }
    return startWork(world.core, { handle: async () => ({ replies: [] }), senders: new Map([['web', sender]]) })
  }
  const statuses = async (): Promise<string> => {
    const rows = await query(world.core.db, (q) => q.selectFrom('outbox').select(['status', 'tries']).orderBy('seq'))
    return rows.map(({ status, tries }) => `${status} ${tries}`).join(', ')
  }
  const went = (words: string): SendResult => ({ outcome: 'sent', messageRef: words })

  it('wait for the first of them, and are no duplicates then', async () => {
    await begin(['one', 'run'], ['two', 'run'], ['three', 'other'])
    let isFirst = true
    await work((words) => {
      const isRefused = isFirst
      isFirst = false
      return isRefused ? { outcome: 'retry', afterMs: 100, reason: 'Too fast.' } : went(words)
    })
    await eventually(async () => expect(await statuses()).toBe('sent 0, sent 0, sent 0'))
    expect(sent).toEqual(['one', 'one', 'two', 'three'])
  })

  it('go on when one of them is refused for good', async () => {
    await begin(['one', 'run'], ['two', 'run'])
    await work((words) => (words === 'one' ? { outcome: 'refused', reason: 'No.' } : went(words)))
    await eventually(async () => expect(await statuses()).toBe('undelivered 1, sent 0'))
    expect(sent).toEqual(['one', 'two'])
  })

  it('say that they may be there already after they were cut off', async () => {
    await begin(['one', 'run'], ['two', 'run'], ['three', 'other'])
    await work((words) => (words === 'two' ? new Promise(() => {}) : went(words)))
    await eventually(() => expect(sent).toEqual(['one', 'two']))
    expect(await statuses()).toBe('sending 1, sending 1, new 0')
    await world.core.queue.stop(0)
    await work(went)
    await eventually(async () => expect(await statuses()).toBe('sent 0, sent 0, sent 0'))
    expect(sent).toEqual(['one', 'two', 'one?', 'two?', 'three'])
  })

  it('that may be there already still say so when they had to wait once more', async () => {
    await begin(['one', 'run'], ['two', 'run'])
    await work((words) => (words === 'two' ? new Promise(() => {}) : went(words)))
    await eventually(() => expect(sent).toEqual(['one', 'two']))
    await world.core.queue.stop(0)
    let isFirst = true
    await work((words) => {
      const isRefused = isFirst
      isFirst = false
      return isRefused ? { outcome: 'retry', afterMs: 50, reason: 'Too fast.' } : went(words)
    })
    await eventually(async () => expect(await statuses()).toBe('sent 0, sent 0'))
    expect(sent.slice(2)).toEqual(['one?', 'one?', 'two?'])
  })

  it('of which a part arrived before the wait say so after a restart, and not before', async () => {
    await begin(['one', 'run'], ['two', 'other'])
    const begun = (): SendResult => ({ outcome: 'retry', afterMs: 200, reason: 'Too fast.', isBegun: true })
    await work((words) => (words.startsWith('one') ? begun() : went(words)))
    await eventually(async () => expect(await statuses()).toBe('sending 0, new 0'))
    await world.core.queue.stop(0)
    await work(went)
    await eventually(async () => expect(await statuses()).toBe('sent 0, sent 0'))
    expect(sent.slice(-2)).toEqual(['one?', 'two'])
  })
})

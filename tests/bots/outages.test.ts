import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { text } from '#core/chat/message.ts'
import { putMessage } from '#core/chat/outbox.ts'
import type { Dialect } from '#db/db.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import type { Harness } from './conformance.ts'
import { createSlackHarness } from './slack/conformance-harness.ts'
import { createTelegramHarness } from './telegram/harness.ts'
import { TestCommands } from './test-commands.ts'

const PEOPLE = ['Ann', 'Bob', 'Person1']
const MINUTES = 10
/** On Postgres the queue goes by the server's clock, which nobody sets forward: minutes are short there. */
const MINUTE_MS: Record<Dialect, number> = { sqlite: 200, postgres: 1_000 }

type Down = Harness & { peer: { goDown(): Promise<() => Promise<void>> } }
const CHANNELS = {
  telegram: (commands: TestCommands, dialect: Dialect): Promise<Down> =>
    createTelegramHarness('polling', commands, dialect),
  slack: (commands: TestCommands, dialect: Dialect): Promise<Down> => createSlackHarness('socket', commands, dialect),
}

describe.each(DIALECTS)('ten minutes, on %s', (dialect) => {
  describe.each(['telegram', 'slack'] as const)('in which %s cannot be reached', (channel) => {
    let harness: Down
    let commands: TestCommands
    afterEach(async () => {
      const complaints = harness.complaints()
      await harness.end()
      expect(complaints).toEqual([])
    })

    it('delay what is said, and do nothing else to it', { timeout: 120_000 }, async () => {
      const conversations = await begin()
      const comeBack = await harness.peer.goDown()
      for (let minute = 0; minute < MINUTES; minute++) {
        for (const conversation of conversations) await say(conversation, `minute ${minute}`, `and more of ${minute}`)
        await passMinute()
      }
      expect(await waiting()).toBe(PEOPLE.length * MINUTES * 2)
      expect(await lastErrors()).toMatch(/ECONNREFUSED|fetch failed/)
      await comeBack()
      await untilDelivered()
      for (const who of PEOPLE) {
        const words = Array.from({ length: MINUTES }, (_, minute) => [
          `minute ${minute}`,
          `and more of ${minute}`,
        ]).flat()
        expect((await harness.shown(who)).map((message) => message.text)).toEqual([`hello ${who}`, ...words])
      }
      expect(harness.world.errors).toEqual([])
    })

    // What is unclear waits half a minute by the clock of the queue, and one message is the same to both.
    if (dialect === 'sqlite')
      it('leave a mark on what may have arrived before, and on nothing else', async () => {
        const [conversation = ''] = await begin()
        harness.breakNext?.()
        await say(conversation, 'the last before')
        await eventually(async () =>
          expect((await harness.shown()).map((message) => message.text)).toContain('the last before'),
        )
        await eventually(async () => expect(await lastErrors()).not.toBe(''))
        const comeBack = await harness.peer.goDown()
        await say(conversation, 'the first in the dark')
        for (let minute = 0; minute < MINUTES; minute++) await passMinute()
        await comeBack()
        await untilDelivered()
        const shown = (await harness.shown()).map((message) => message.text)
        expect(shown.slice(0, 2)).toEqual(['hello Ann', 'the last before'])
        expect(shown[2]).toMatch(/may be a duplicate.*the last before$/s)
        expect(shown.slice(3)).toEqual(['the first in the dark'])
      })

    /** Where each of them is spoken with. */
    async function begin(): Promise<string[]> {
      commands = new TestCommands()
      harness = await CHANNELS[channel](commands, dialect)
      for (const who of PEOPLE) {
        await harness.say(`/echo hello ${who}`, { in: who })
        await eventually(async () => expect(await harness.shown(who)).toHaveLength(1))
      }
      await untilDelivered()
      return commands.ran.map((line) => line.split(' ')[0] ?? '')
    }

    /** Said by the program itself, as runs that end say their results: in one transaction. */
    async function say(conversation: string, ...words: string[]): Promise<void> {
      const { core } = harness.world
      await core.db.write(async function saySome(tx) {
        for (const one of words) {
          await putMessage(core, tx, {
            channel,
            conversation,
            reply: { parts: [text(one)] },
            cause: `said ${words[0]}`,
          })
        }
      })
    }

    async function passMinute(): Promise<void> {
      if (dialect === 'sqlite') harness.advance?.(60_000)
      await sleep(MINUTE_MS[dialect])
    }

    async function untilDelivered(): Promise<void> {
      await eventually(async () => {
        harness.advance?.(5_000)
        await sleep(100)
        expect(await waiting()).toBe(0)
      }, 60_000)
    }

    const rows = () => query(harness.world.core.db, (q) => q.selectFrom('outbox').select(['status', 'last_error']))
    const waiting = async (): Promise<number> => (await rows()).filter(({ status }) => status !== 'sent').length
    const lastErrors = async (): Promise<string> =>
      (await rows()).map(({ status, last_error }) => (status === 'sent' ? '' : (last_error ?? ''))).join('')
  })
})

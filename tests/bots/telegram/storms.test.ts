import { afterEach, describe, expect, it } from 'vitest'
import { createTelegramHarness, type TelegramHarness } from '#tests/bots/telegram/harness.ts'
import type { CallRecord } from '#tests/peers/telegram/index.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { weatherStorms } from '../storms.ts'
import { longText, TestCommands } from '../test-commands.ts'

const LIMITED = { code: 429, description: 'Too Many Requests: retry after 1', retryAfter: 1 }
/** More than go out at once. */
const CROWD = 40

describe.each(DIALECTS)('Telegram asks one chat to wait, on %s', (dialect) => {
  let harness: TelegramHarness
  afterEach(async () => {
    const complaints = harness.complaints()
    await harness.end()
    expect(complaints).toEqual([])
  })
  const begin = async (): Promise<void> => {
    harness = await createTelegramHarness('polling', new TestCommands(), dialect)
  }
  const chatIdOf = (who: string): number => harness.peer.privateChat(harness.person(who)).id
  const textOf = ({ params }: CallRecord): string => String(params.text)

  it('nothing of it is lost, doubled or out of order, and the others hear nothing of it', {
    timeout: 120_000,
  }, async () => {
    await begin()
    await weatherStorms({
      harness,
      async limit(where, retryAfterS) {
        const error = { ...LIMITED, retryAfter: retryAfterS }
        const storm = harness.peer.failNext({
          method: '*',
          chatId: chatIdOf(where),
          count: Number.POSITIVE_INFINITY,
          error,
        })
        return () => storm.cancel()
      },
      sentAtMs: (where, words) =>
        harness.peer
          .callsOf('sendMessage')
          .find(
            (call) => call.params.chat_id === chatIdOf(where) && textOf(call) === words && call.outcome === 'answered',
          )?.at,
    })
  })

  it('in the middle of long messages to more chats than go out at once: the next chat is not kept waiting', async () => {
    await begin()
    const crowd = Array.from({ length: CROWD }, (_, at) => `Crowd${at}`)
    const lifts = crowd.map((who) => limitedBehindFirst(harness, chatIdOf(who)))
    for (const who of crowd) await harness.say('/long 9000', { in: who })
    await eventually(async () => {
      for (const who of crowd) expect(await harness.shown(who)).toHaveLength(1)
    }, 40_000)
    const saidAtMs = performance.now()
    await harness.say('/echo quick', { in: 'Ann' })
    await eventually(async () => expect(await harness.shown()).toHaveLength(1))
    // All places held by those who wait, it would come when the first of them is lifted: never, here.
    expect(performance.now() - saidAtMs).toBeLessThan(10_000)
    for (const lift of lifts) lift()
    const words = longText(9_000).split(/\s+/)
    await eventually(async () => {
      for (const who of crowd) {
        const shown = (await harness.shown(who)).map(({ text }) => text)
        expect(shown.join('\n').split(/\s+/)).toEqual(words)
      }
    }, 60_000)
  }, 150_000)
})

/** The first message goes through, what follows is told to wait, again and again, until that is lifted. */
function limitedBehindFirst({ peer }: TelegramHarness, chatId: number): () => void {
  const error = { code: 429, description: 'Too Many Requests: retry after 3', retryAfter: 3 }
  const first = peer.failNext({ method: 'sendMessage', chatId, error: { delayMs: 0 } })
  const rest = peer.failNext({ method: 'sendMessage', chatId, count: Number.POSITIVE_INFINITY, error })
  return () => {
    first.cancel()
    rest.cancel()
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, inject, it } from 'vitest'
import { signIn } from '#tests/e2e/support/client.ts'
import { isCard, showsAllDone, twelveSteps } from '#tests/e2e/support/twelve-steps.ts'
import { type Delivery, type SlackPeer, startSlackPeer } from '#tests/peers/slack/index.ts'
import { startTelegramPeer, type TelegramPeer } from '#tests/peers/telegram/index.ts'
import { eventually } from '#tests/support/eventually.ts'
import { ChatStage } from './chat-stage.ts'
import { postgresDatabase, sqliteDatabase } from './database.ts'
import { Random } from './random.ts'

const TIMEOUT_MS = 300_000
/** Before and behind each commit and each call of an update's way from the socket to its answer, and some beyond. */
const GATES = [2, 4, 6, 8, 11, 14]
const LIFE_MAX_MS = 8_000
/** So long Slack waits for it. */
const ACKNOWLEDGED_MS = 3_000
/** Long enough that the second edit is in the middle of the run, on a quick machine and on a slow one. */
const STEP_MS = 600
const DUPLICATE = /may be a duplicate/

/** Each conversation on one of the two databases: what is said where does not depend on what is stored where. */
describe('kill -9 in the middle of a conversation', () => {
  let stage: ChatStage
  let telegram: TelegramPeer | undefined
  let slack: SlackPeer | undefined
  afterEach(async () => {
    await stage.end()
    await telegram?.stop()
    await slack?.stop()
    telegram = slack = undefined
  })
  it('on SQLite leaves one card, and it shows the end in the end', { timeout: TIMEOUT_MS }, async () => {
    const peer = await startTelegramPeer()
    telegram = peer
    stage = await ChatStage.create(sqliteDatabase(), { telegram: peer })
    const { url, claimCode } = await stage.start()
    const admin = await signIn(url, '/v1/auth/claim', { code: claimCode, handle: 'ada' })
    expect((await admin.call('POST', '/v1/jobs?visibility=public', { json: twelveSteps(STEP_MS) })).status).toBe(201)
    const ann = peer.user({ firstName: 'Ann' })
    const chat = peer.privateChat(ann)
    peer.sendText(chat, ann, '/start')
    await peer.waitForMessage(chat, { contains: 'Hello' }, 20_000)
    peer.sendText(chat, ann, '/run twelve-steps')
    const cards = () => peer.messages(chat).filter(({ fromBot, text }) => fromBot && isCard(text))
    for (const edits of [1, 2]) {
      // Once it was edited, where it is has been written down.
      await eventually(() => expect(cards()[0]?.editCount).toBeGreaterThanOrEqual(edits), 40_000)
      await stage.kill()
      expect(cards().map(({ text }) => showsAllDone(text))).toEqual([false])
      await stage.start()
    }
    await eventually(() => expect(cards().map(({ text }) => showsAllDone(text))).toEqual([true]), 60_000)
    expect(peer.violations).toEqual([])
  })

  it('on Postgres loses no answer on Slack, and what may be there twice says so', { timeout: TIMEOUT_MS }, async () => {
    const peer = await startSlackPeer({ mode: 'socket', users: [{ id: 'U0BEN', name: 'ben' }] })
    slack = peer
    stage = await ChatStage.create(await postgresDatabase(inject('postgresUrl')), { slack: peer })
    const direct = await peer.direct('U0BEN')
    await stage.start()
    await eventually(() => expect(peer.connections).toBe(1))
    await peer.say(direct, 'U0BEN', '/start')
    await peer.waitForMessage(direct, 'Hello', 20_000)
    await stage.kill()
    await eventually(() => expect(peer.connections).toBe(0))
    const random = new Random(1)
    let deaths = 0
    for (const gate of GATES) {
      await stage.start(gate)
      await eventually(() => expect(peer.connections).toBe(1))
      await redeliver(peer, random)
      await untilQuiet()
      stage.arm()
      await peer.say(direct, 'U0BEN', `/createteam Crew ${gate}`)
      if (await Promise.race([stage.ended().then(() => true), sleep(LIFE_MAX_MS, false)])) deaths++
      await stage.kill()
      await eventually(() => expect(peer.connections).toBe(0))
    }
    expect(deaths).toBeGreaterThan(GATES.length / 2)
    await stage.start()
    await eventually(() => expect(peer.connections).toBe(1))
    for (let round = 0; round < 3; round++) {
      await redeliver(peer, random)
      await untilQuiet()
    }
    const answers = (await peer.messages(direct)).filter(({ fromBot }) => fromBot).map(({ text }) => text)
    const told = GATES.map((gate) => {
      const own = answers.filter((text) => text.includes(`Crew ${gate} is there, and you own it.`))
      return {
        gate,
        plain: own.filter((text) => !DUPLICATE.test(text)).length,
        marked: own.filter((text) => DUPLICATE.test(text)).length,
      }
    })
    // Where the program was dead before Slack could bring it, there is nothing that it could have kept.
    const brought = GATES.filter((gate) =>
      peer.deliveries.some(({ payload }) => textOf(payload) === `/createteam Crew ${gate}`),
    )
    expect(brought.length).toBeGreaterThan(GATES.length / 2)
    const wrong = told.filter(
      ({ gate, plain, marked }) => plain > 1 || marked > 1 || plain + marked > 0 !== brought.includes(gate),
    )
    expect(wrong).toEqual([])
    const first = brought.map((gate) => answers.findIndex((text) => text.includes(`Crew ${gate} is there`)))
    expect(first).toEqual(first.toSorted((a, b) => a - b))
    expect(answers.filter((text) => text.includes('already'))).toEqual([])
    expect(peer.violations).toEqual([])
  })

  const textOf = ({ event }: Delivery['payload']): unknown => (event as { text?: unknown } | undefined)?.text

  /** Everything that Slack ever brought, twice, in another order. */
  async function redeliver(peer: SlackPeer, random: Random): Promise<void> {
    const seen = new Map<string, Delivery>()
    for (const delivery of peer.deliveries) {
      if (delivery.payload.event_id !== undefined) seen.set(String(delivery.payload.event_id), delivery)
    }
    for (const delivery of random.shuffled([...seen.values(), ...seen.values()])) await bring(peer, delivery)
  }

  /** As Slack does: again, until it is acknowledged. What is brought before the bot has said hello is not heard. */
  async function bring(peer: SlackPeer, delivery: Delivery): Promise<void> {
    for (let attempt = 1; attempt <= 12; attempt++) {
      const again = await peer.redeliver(delivery, attempt)
      const untilMs = performance.now() + ACKNOWLEDGED_MS
      while (!again.isAcknowledged && performance.now() < untilMs) await sleep(10)
      if (again.isAcknowledged) return
    }
    throw new Error('What is brought again is not acknowledged')
  }

  async function untilQuiet(): Promise<void> {
    await eventually(async () => {
      const left = await stage.database.backlog()
      expect([left?.inbox, left?.outbox]).toEqual([0, 0])
    }, 60_000)
  }
})

import { setTimeout as sleep } from 'node:timers/promises'
import type { User } from 'grammy/types'
import { afterEach, describe, expect, test } from 'vitest'
import type { Dialect } from '#db/db.ts'
import { startTelegramPeer, type TelegramPeer } from '#tests/peers/telegram/index.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type App, startApp } from './support/app.ts'
import { type Client, signIn } from './support/client.ts'
import { expectSoundLedger } from './support/ledger.ts'
import { shuffle } from './support/shuffle.ts'
import { askDatabase } from './support/sql.ts'

const PEOPLE = 50
const MESSAGES_EACH = 20
const REPEATS_MAX = 4
const RUNS = 200
const ALL = PEOPLE * MESSAGES_EACH

/** Goes on for more than two seconds, and uses the sandbox beside the program. */
const JOB = {
  jobId: 'background',
  displayName: 'Background',
  description: 'Waits, writes, waits, formats.',
  inputSchema: { type: 'object', properties: { number: { type: 'integer' } } },
  steps: [
    { stepId: 'rest', wait: { ms: 1_000 } },
    {
      stepId: 'write',
      toolId: 'text.template',
      inputMappings: { template: { template: '#  Number {{ input.number }}' }, data: { value: {} } },
    },
    { stepId: 'pause', wait: { ms: 1_000 } },
    {
      stepId: 'format',
      toolId: 'docs.format',
      inputMappings: { text: { step: 'write', output: 'text' }, language: { value: 'markdown' } },
    },
  ],
  outputs: { text: { step: 'format', output: 'text' } },
}

/** How updates come and where they are stored do not know of each other: each of both is met once. */
const WAYS = [
  { dialect: 'sqlite', mode: 'polling' },
  { dialect: 'postgres', mode: 'webhook' },
] as const

describe.each(WAYS)('fifty people at once on Telegram by $mode, $dialect', ({ dialect, mode }) => {
  let app: App
  let peer: TelegramPeer

  afterEach(async () => {
    await app?.end()
    await peer?.stop()
  })

  test('each message is handled once and in its order, while 200 runs go on', { timeout: 120_000 }, async () => {
    await begin(dialect, mode)
    const people = Array.from({ length: PEOPLE }, (_, index) => peer.user({ firstName: `Person${index}` }))
    const runs = startRuns()
    const liveRuns = await talk(people)
    expect(liveRuns).toBeGreaterThan(0)
    for (const untilMs = performance.now() + 90_000; answered() < ALL && performance.now() < untilMs; ) await sleep(100)
    expect(answered()).toBe(ALL)
    // What was delivered again after the last answer must not bring another.
    await peer.waitForIdle({ quietMs: 300, timeoutMs: 60_000 })
    for (const person of people) expect(textsFor(person), person.first_name).toEqual(expectedTexts())
    expect(await countOf('inbox')).toBe(ALL)
    expect(await countOf('team')).toBe(ALL / 2)
    expect((await runs).filter((ended) => ended !== 'succeeded')).toEqual([])
    await expectSoundLedger(app.database)
    expect(peer.violations).toEqual([])
    expect(app.errors).toEqual([])
  })

  async function begin(dialect: Dialect, mode: 'polling' | 'webhook'): Promise<void> {
    peer = await startTelegramPeer({ webhookRetryMs: 20 })
    app = await startApp(dialect, { telegram: { peer, mode }, settings: { ACCESS: 'open' } })
  }

  /**
   * Every round everybody says one thing, among repeats of what was delivered before, each up to four times. Telegram
   * repeats nothing that it has not delivered once; what is delivered is handled later, with all of it waiting together.
   */
  async function talk(people: readonly User[]): Promise<number> {
    const delivered: number[] = []
    for (let round = 0; round < MESSAGES_EACH; round++) {
      const fresh = shuffle(people, round).map((person) => {
        const { updateId } = peer.sendText(peer.privateChat(person), person, lineOf(round))
        return updateId ?? 0
      })
      repeat(delivered.slice(-PEOPLE), round)
      await untilDelivered()
      delivered.push(...fresh)
    }
    repeat(delivered, MESSAGES_EACH)
    return countOf("run WHERE status IN ('running', 'waiting')")
  }

  function repeat(updateIds: readonly number[], seed: number): void {
    for (const id of shuffle(updateIds, seed)) peer.redeliver(id, 1 + (id % REPEATS_MAX))
  }

  const untilDelivered = (): Promise<void> => eventually(() => expect(peer.pendingUpdates).toBe(0), 30_000)

  const textsFor = (person: User): string[] =>
    peer
      .messages(person)
      .filter(({ fromBot }) => fromBot)
      .map(({ text }) => text.replaceAll('\u2060', '').split('\n')[0] ?? '')

  const answered = (): number =>
    peer.calls.filter(({ method, outcome }) => method === 'sendMessage' && outcome === 'answered').length

  async function countOf(what: string): Promise<number> {
    const [row] = await askDatabase(app.database.url, `SELECT count(*) AS n FROM ${what}`)
    return Number(row?.n)
  }

  /** Started bit by bit, so that some are at each stage at any time; how each ended. */
  async function startRuns(): Promise<string[]> {
    const ada = await signIn(app.url, '/v1/auth/claim', { code: app.claimCode, handle: 'ada' })
    const saved = await ada.call('POST', '/v1/jobs', { json: JOB })
    if (saved.status !== 201) throw new Error(JSON.stringify(saved.body))
    const ids: string[] = []
    for (let number = 0; number < RUNS; number++) {
      const { status, body } = await ada.call('POST', '/v1/jobs/background/run', { json: { inputs: { number } } })
      if (status !== 202) throw new Error(JSON.stringify(body))
      ids.push(body.id)
    }
    return Promise.all(ids.map((id) => endOf(ada, id)))
  }

  const endOf = (who: Client, id: string): Promise<string> =>
    eventually(async () => {
      const { body } = await who.call('GET', `/v1/runs/${id}`)
      if (body.finishedAt === null) {
        await sleep(500)
        throw new Error(`${id} is ${body.status}`)
      }
      return body.error?.message ?? body.status
    }, 90_000)
})

/** In turn something that is written, and something that is only answered. */
const lineOf = (round: number): string => (round % 2 === 0 ? `/createteam Team ${round}` : `/nothing${round}`)

const expectedTexts = (): string[] =>
  Array.from({ length: MESSAGES_EACH }, (_, round) =>
    round % 2 === 0
      ? `Team ${round} is there, and you own it.`
      : `There is no /nothing${round} here. /help lists what there is.`,
  )

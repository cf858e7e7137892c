import pg from 'pg'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { drawAllowance, firstShare } from '#db/allowances.ts'
import { openDatabase } from '#db/open.ts'
import { createApp } from '#server/app.ts'
import { readConfig } from '#server/config.ts'
import { coreOn } from '#server/core.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { type Api, createApi, type Person } from './api.ts'

const PER_KEY = 5
const env = { REQUESTS_PER_MINUTE: String(PER_KEY), TRUSTED_PROXIES: '1' }

type Fetch = Api['fetch']

describe('requests to two processes on one database', () => {
  let api: Api
  let ends: (() => Promise<void>)[]
  let processes: Fetch[]
  const logged: { msg: string }[] = []

  /** Another one like it: its own connections, its own memory. */
  async function another(): Promise<Fetch> {
    const config = readConfig({ DATABASE_URL: api.databaseUrl, AUTH_SECRET: 'x'.repeat(32), ...env })
    const log = pino({ level: 'error' }, { write: (line: string) => void logged.push(JSON.parse(line)) })
    const db = await openDatabase(config.databaseUrl)
    const core = coreOn(db, config, log)
    await core.queue.open()
    ends.push(async () => {
      await core.queue.close()
      await core.outbound.close()
      await db.close()
    })
    const app = createApp({ core, config, log, channels: [] })
    return async (url, init) => app.request(url, init)
  }

  beforeAll(async () => {
    api = await createApi('postgres')
    ends = []
    processes = await Promise.all([another(), another()])
  })
  afterAll(async () => {
    for (const end of ends) await end()
    await api.end()
  })

  const as = (person: Person, more: Record<string, string> = {}) => ({
    headers: { Authorization: `Bearer ${person.key}`, ...more },
  })
  const ask = (n: number, path: string, init: RequestInit): Promise<Response> =>
    processes[n % 2]?.(path, init) ?? Promise.reject(new Error('There are two'))
  const count = (statuses: number[]): Record<number, number> =>
    Object.fromEntries(
      [...new Set(statuses)].sort().map((status) => [status, statuses.filter((one) => one === status).length]),
    )

  it('are let through as often as if there were one: 5 of 50 at once', async () => {
    for (let round = 0; round < 5; round++) {
      const person = await api.person(`p${round}`)
      const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => ask(n, '/v1/me', as(person))))
      expect(count(answers.map(({ status }) => status))).toEqual({ 200: PER_KEY, 429: 45 })
      const refused = answers.find(({ status }) => status === 429)
      expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
      expect(refused?.headers.get('ratelimit-remaining')).toBe('0')
    }
  })

  it('are tried with five codes a minute from one address, whichever they come to', async () => {
    const body = JSON.stringify({ code: 'wrong' })
    const init = (address: string): RequestInit => ({
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': address },
      body,
    })
    const tries = (address: string): Promise<number[]> =>
      Promise.all(Array.from({ length: 20 }, async (_, n) => (await ask(n, '/v1/auth/link', init(address))).status))
    const first = count(await tries('192.0.2.7'))
    expect(first[429]).toBe(15)
    // The proxy writes at the end; what stands before that changes nothing.
    expect(count(await tries('203.0.113.1, 192.0.2.7'))[429]).toBe(20)
    expect(count(await tries('192.0.2.7, 192.0.2.8'))[429]).toBe(15)
    // All of one network are one.
    expect(count(await tries('2001:db8:1:2::1'))[429]).toBe(15)
    expect(count(await tries('2001:db8:1:2::ffff'))[429]).toBe(20)
  })

  it('are refused without a statement once it is known that there is nothing left', async () => {
    const person = await api.person('flood')
    await Promise.all(Array.from({ length: 10 }, (_, n) => ask(n, '/v1/me', as(person))))
    await withoutTable(async () => {
      expect((await ask(0, '/v1/me', as(person))).status).toBe(429)
      expect((await ask(1, '/v1/me', as(person))).status).toBe(429)
    })
    expect(logged).toEqual([])
  })

  it('that read go on while nobody can count them, and those that sign in or move money do not', async () => {
    const person = await api.person('late')
    const json = { 'Content-Type': 'application/json' }
    await withoutTable(async () => {
      expect((await ask(0, '/v1/wallet', as(person))).status).toBe(200)
      const signIn = await ask(1, '/v1/auth/link', { method: 'POST', headers: json, body: '{"code":"x"}' })
      expect([signIn.status, signIn.headers.get('retry-after')]).toEqual([503, '1'])
      const path = `/v1/users/${person.accountId}/economy/debit`
      const body = JSON.stringify({ amountUsd: '0.01', description: 'x' })
      const debit = await ask(0, path, { method: 'POST', ...as(person, { ...json, 'Idempotency-Key': 'a' }), body })
      expect([debit.status, ((await debit.json()) as { code: string }).code]).toEqual([503, 'busy'])
    })
    // One line for each process, however often it happens.
    expect(logged.map(({ msg }) => msg)).toEqual(Array(2).fill(expect.stringContaining('cannot be counted together')))
    expect((await ask(1, '/v1/wallet', as(person))).status).toBe(200)
  })

  async function onDatabase(sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: api.databaseUrl })
    await client.connect()
    await client.query(sql)
    await client.end()
  }

  /** As if the counts were on a server that is away. */
  async function withoutTable(act: () => Promise<void>): Promise<void> {
    const rename = (from: string, to: string) => onDatabase(`ALTER TABLE ${from} RENAME TO ${to}`)
    await rename('allowance', 'allowance_away')
    try {
      await act()
    } finally {
      await rename('allowance_away', 'allowance')
    }
  }
})

describe.each(DIALECTS)('shares of an allowance, on %s', (dialect) => {
  let api: Api
  beforeAll(async () => {
    api = await createApi(dialect)
  })
  afterAll(() => api.end())

  const draw = (whose: string, points: number, nowMs: number) =>
    api.core.db.write(async function drawOnce(tx) {
      return drawAllowance.first(tx, { whose, points, first: firstShare(points), nowMs, endsAtMs: nowMs + 60_000 })
    })

  it('add up to all of it and never to more; a new minute begins anew', async () => {
    let [granted, draws] = [0, 0]
    for (;;) {
      const row = await draw('key:a', 1_000, 5)
      if (!row) break
      granted += row.granted
      draws++
      expect(row.taken).toBe(granted)
      expect(row.ends_at_ms).toBe(60_005)
    }
    expect(granted).toBe(1_000)
    expect(draws).toBeLessThan(400)
    expect(await draw('key:a', 1_000, 60_004)).toBeUndefined()
    expect(await draw('key:a', 1_000, 60_005)).toEqual({ taken: 10, granted: 10, ends_at_ms: 120_005 })
  })
})

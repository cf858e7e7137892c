import type { Core } from '#core/core.ts'
import { checkLedger } from '#core/economy/check.ts'
import { countTransfersUpTo, measureMessages, measureRest, measureRuns, measureWork } from '#db/gauges.ts'
import type { Metrics } from './metrics.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'log'>

/** Several Prometheus servers, and a person who reloads the page, cost no more than one. */
const KEEP_MS = 5_000
const CHECK_EVERY_MS = 600_000
/** On SQLite everybody waits meanwhile: a fifth of a second at most. */
const CHECK_TRANSFERS_MAX = { sqlite: 50_000, postgres: 1_000_000 }
const LEDGER = [
  'muster_ledger_sum_dollars',
  'muster_ledger_differences',
  'muster_ledger_checked_timestamp_seconds',
] as const

/** Measures what is in the database when somebody looks, at most that often. */
export class Gauges {
  readonly #core: Needs
  readonly #metrics: Metrics
  #checkedAtMs = Number.NEGATIVE_INFINITY
  #measuredAtMs = Number.NEGATIVE_INFINITY
  #measuring: Promise<void> | undefined

  constructor(core: Needs, metrics: Metrics) {
    this.#core = core
    this.#metrics = metrics
  }

  /** Never fails: without the database the page still has what the process knows, and says so. */
  async refresh(): Promise<void> {
    if (performance.now() - this.#measuredAtMs < KEEP_MS) return
    this.#measuring ??= this.#measure().finally(() => {
      this.#measuring = undefined
    })
    await this.#measuring
  }

  async #measure(): Promise<void> {
    const metrics = this.#metrics
    try {
      await measureInto(this.#core, metrics)
      await this.#checkLedger()
      metrics.gauge('muster_database_up', [{ value: 1 }])
    } catch (err) {
      this.#core.log.warn({ err }, 'The database could not be measured')
      metrics.gauge('muster_database_up', [{ value: 0 }])
    }
    this.#measuredAtMs = performance.now()
  }

  /** Reads every transfer: now and then, and only while there are so few that nobody notices. */
  async #checkLedger(): Promise<void> {
    const { db, clock } = this.#core
    if (performance.now() - this.#checkedAtMs < CHECK_EVERY_MS) return
    const most = CHECK_TRANSFERS_MAX[db.dialect]
    const counted = await countTransfersUpTo.first(db, { most })
    this.#checkedAtMs = performance.now()
    if (Number(counted?.transfers ?? 0) >= most) {
      for (const name of LEDGER) this.#metrics.gauge(name, [])
      return
    }
    const { sumMicros, differences } = await checkLedger(this.#core)
    this.#metrics.gauge('muster_ledger_sum_dollars', [{ value: dollars(sumMicros) }])
    this.#metrics.gauge('muster_ledger_differences', [{ value: differences.length }])
    this.#metrics.gauge('muster_ledger_checked_timestamp_seconds', [{ value: clock.nowMs() / 1_000 }])
  }
}

async function measureInto({ db, clock }: Needs, metrics: Metrics): Promise<void> {
  const nowMs = clock.nowMs()
  const seconds = (atMs: number | null | undefined): number =>
    atMs === null || atMs === undefined ? 0 : Math.max(0, nowMs - Number(atMs)) / 1_000
  const [work, runs, messages, rest] = await Promise.all([
    measureWork.all(db, { nowMs }),
    measureRuns.all(db, {}),
    measureMessages.all(db, {}),
    measureRest.first(db, { nowMs }),
  ])
  const byKind = (value: (row: (typeof work)[number]) => number) =>
    work.map((row) => ({ labels: { kind: row.kind }, value: value(row) }))
  metrics.gauge(
    'muster_queue_items',
    byKind(({ items }) => Number(items)),
  )
  metrics.gauge(
    'muster_queue_due_items',
    byKind(({ due }) => Number(due)),
  )
  metrics.gauge(
    'muster_queue_due_age_seconds',
    byKind(({ oldest_at_ms }) => seconds(oldest_at_ms)),
  )
  metrics.gauge(
    'muster_queue_taken_items',
    byKind(({ taken }) => Number(taken)),
  )
  metrics.gauge(
    'muster_live_runs',
    runs.map(({ status, runs: count }) => ({ labels: { status }, value: Number(count) })),
  )
  const holds = runs.flatMap(({ oldest_hold_at_ms: atMs }) => (atMs === null ? [] : [Number(atMs)]))
  metrics.gauge('muster_hold_age_seconds', [{ value: holds.length === 0 ? 0 : seconds(Math.min(...holds)) }])
  for (const [way, name] of [
    ['in', 'inbox'],
    ['out', 'outbox'],
  ] as const) {
    const waiting = messages.filter((row) => row.way === way)
    const labelled = (value: (row: (typeof messages)[number]) => number) =>
      waiting.map((row) => ({ labels: { channel: row.channel }, value: value(row) }))
    metrics.gauge(
      `muster_${name}_messages`,
      labelled((row) => Number(row.messages)),
    )
    metrics.gauge(
      `muster_${name}_age_seconds`,
      labelled((row) => seconds(row.oldest_at_ms)),
    )
  }
  metrics.gauge('muster_held_dollars', [{ value: dollars(rest?.held_micros) }])
  metrics.gauge('muster_leases', [
    { labels: { type: 'process' }, value: Number(rest?.leases ?? 0) },
    { labels: { type: 'board' }, value: Number(rest?.board_leases ?? 0) },
  ])
  metrics.gauge('muster_schedules', [{ value: Number(rest?.schedules ?? 0) }])
  metrics.gauge('muster_schedule_lag_seconds', [{ value: seconds(rest?.oldest_fire_at_ms) }])
}

const dollars = (micros: bigint | null | undefined): number => Number(micros ?? 0n) / 1_000_000

import type { Registry } from '@prometheus-io/client'

/** One request, when it is answered. */
export interface RequestTold {
  method: string
  /** The pattern that answered, never the path. */
  route: string
  status: number
  seconds: number
}

/** One call of a model; its name is one of those that the program brings prices for, or `other`. */
export interface ModelCounted {
  provider: string
  model: string
  outcome: string
  /** Part of the input was in the provider's cache. */
  tokens: { input: number; cached: number; output: number }
  dollars: number
  seconds: number
}

/** What is counted while the program works. Everything it takes is bounded: patterns, tools, models, channels, outcomes. */
export interface Metrics {
  request(told: RequestTold): void
  step(told: { tool: string; outcome: string; seconds: number }): void
  run(told: { status: string; seconds: number }): void
  send(told: { channel: string; outcome: string }): void
  model(told: ModelCounted): void
  /** Sets a gauge, by name, to what was just measured; labels that are left out are gone. */
  gauge(name: GaugeName, values: readonly { labels?: Record<string, string>; value: number }[]): void
  /** As Prometheus reads it. */
  read(): Promise<string>
  readonly contentType: string
}

const GAUGES = {
  muster_database_up: ['1 while the database answers this page.', []],
  muster_queue_items: ['Work in the queue, due or not.', ['kind']],
  muster_queue_due_items: ['Work that is due and nobody is at.', ['kind']],
  muster_queue_due_age_seconds: ['How long the oldest of it has been due.', ['kind']],
  muster_queue_taken_items: ['Work that a worker is at.', ['kind']],
  muster_live_runs: ['Runs that have not ended.', ['status']],
  muster_hold_age_seconds: ['Age of the oldest run that holds money.', []],
  muster_held_dollars: ['Money that is held for runs.', []],
  muster_ledger_sum_dollars: ['All balances together, recomputed: must be 0. Left out where there are too many.', []],
  muster_ledger_differences: ['Balances that are not what their transfers say: must be 0.', []],
  muster_ledger_checked_timestamp_seconds: ['When the ledger was recomputed.', []],
  muster_inbox_messages: ['Messages that came in and are not handled.', ['channel']],
  muster_inbox_age_seconds: ['How long the oldest of them has waited.', ['channel']],
  muster_outbox_messages: ['Messages that have yet to go out.', ['channel']],
  muster_outbox_age_seconds: ['How long the oldest of them has waited.', ['channel']],
  muster_leases: ['Leases that are held: process for polling and upkeep, board for people and tools.', ['type']],
  muster_schedules: ['Schedules that have a next time.', []],
  muster_schedule_lag_seconds: ['How late the schedule is that is due longest.', []],
} as const satisfies Record<string, readonly [string, readonly string[]]>

export type GaugeName = keyof typeof GAUGES

const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]
const STEP_SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300]
const MODEL_SECONDS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600]
const RUN_SECONDS = [0.05, 0.1, 0.5, 1, 5, 15, 60, 600, 3_600, 86_400]

/** The library behind it is young: nothing but this file knows it. It is loaded with the first call, and takes a moment. */
export async function createMetrics({ withProcess = false }: { withProcess?: boolean } = {}): Promise<Metrics> {
  const library = await import('@prometheus-io/client')
  const { Counter, Gauge, Histogram, Registry: NewRegistry } = library.default ?? library
  const registry: Registry = new NewRegistry()
  const registers = [registry]
  // Event loop, memory, processor time, garbage collection.
  if (withProcess) (library.default ?? library).collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'muster_http_request_duration_seconds',
    help: 'Requests by the pattern of their route.',
    labelNames: ['method', 'route', 'status'],
    buckets: REQUEST_SECONDS,
    registers,
  })
  const steps = new Histogram({
    name: 'muster_step_duration_seconds',
    help: 'Calls of tools that have ended.',
    labelNames: ['tool', 'outcome'],
    buckets: STEP_SECONDS,
    registers,
  })
  const runs = new Histogram({
    name: 'muster_run_duration_seconds',
    help: 'Runs that have ended, from when they were asked for.',
    labelNames: ['status'],
    buckets: RUN_SECONDS,
    registers,
  })
  const sends = new Counter({
    name: 'muster_channel_sends_total',
    help: 'Messages and edits given to a channel, by what it said.',
    labelNames: ['channel', 'outcome'],
    registers,
  })
  const calls = new Histogram({
    name: 'muster_model_call_duration_seconds',
    help: 'Calls of models that have ended, and why there was no answer.',
    labelNames: ['provider', 'model', 'outcome'],
    buckets: MODEL_SECONDS,
    registers,
  })
  const tokens = new Counter({
    name: 'muster_model_tokens_total',
    help: 'Tokens that models took and gave: cached is input that the provider had kept.',
    labelNames: ['provider', 'model', 'kind'],
    registers,
  })
  const costs = new Counter({
    name: 'muster_model_cost_dollars_total',
    help: 'What calls of models cost, by the prices here.',
    labelNames: ['provider', 'model'],
    registers,
  })
  const gauges = new Map(
    Object.entries(GAUGES).map(([name, [help, labels]]) => [
      name,
      new Gauge({ name, help, labelNames: [...labels], registers }),
    ]),
  )
  return {
    request: ({ method, route, status, seconds }) => requests.observe({ method, route, status }, seconds),
    step: ({ tool, outcome, seconds }) => steps.observe({ tool, outcome }, seconds),
    run: ({ status, seconds }) => runs.observe({ status }, seconds),
    send: ({ channel, outcome }) => sends.inc({ channel, outcome }),
    model({ provider, model, outcome, seconds, tokens: used, dollars }) {
      calls.observe({ provider, model, outcome }, seconds)
      tokens.inc({ provider, model, kind: 'input' }, used.input - used.cached)
      tokens.inc({ provider, model, kind: 'cached' }, used.cached)
      tokens.inc({ provider, model, kind: 'output' }, used.output)
      costs.inc({ provider, model }, dollars)
    },
    gauge(name, values) {
      const gauge = gauges.get(name)
      gauge?.reset()
      for (const { labels = {}, value } of values) gauge?.set(labels, value)
    },
    read: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

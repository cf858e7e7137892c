import type { Reader } from '#db/db.ts'
import { closeBreaker, noteFailure, reopenBreaker, takeTrial } from '#db/endpoints.ts'
import type { EndpointTable } from '#db/schema.ts'
import type { Core } from '../core.ts'
import { appendEvents } from '../events/append.ts'

/** So many failures in so long, and the endpoint is left alone for so long. */
const FAILURES = 5
const WINDOW_MS = 60_000
const REST_MS = 30_000
/** Longer than any call: who has not come back by then died, and another may try. */
const TRIAL_MS = 60_000

export interface BreakerView {
  /** open: it rests. half_open: one call tries whether it works again. */
  state: 'closed' | 'open' | 'half_open'
  /** Of the last minute, at most five. */
  failures: number
  /** When it may be tried again; null unless it rests. */
  openUntil: string | null
}

export function breakerView(row: EndpointTable, nowMs: number): BreakerView {
  const failed = [row.failed_1_at_ms, row.failed_2_at_ms, row.failed_3_at_ms, row.failed_4_at_ms, row.failed_5_at_ms]
  return {
    state: row.breaker,
    failures: Math.min(FAILURES, failed.filter((atMs) => atMs > nowMs - WINDOW_MS).length),
    openUntil: row.breaker === 'open' ? new Date(row.open_until_ms).toISOString() : null,
  }
}

/** go: call, and say how it went. A trial is told apart, because its outcome decides for all. */
export type Permit = { kind: 'go'; trialUntilMs: number | null } | { kind: 'rests'; untilMs: number }

type Needs = Pick<Core, 'db' | 'clock'>

/** What can rest: an endpoint, or a connection to models. */
export type Breaking = Pick<EndpointTable, 'id' | 'name' | 'context' | 'breaker' | 'open_until_ms' | 'trial_until_ms'>

/** Where it is stored, and what its events are called: `endpoint.opened`. */
export interface BreakerStore {
  kind: string
  takeTrial: { run(on: Reader, p: { id: string; nowMs: number; trialUntilMs: number }): Promise<number> }
  closeBreaker: { run(on: Reader, p: { id: string; trialUntilMs: number }): Promise<number> }
  reopenBreaker: { run(on: Reader, p: { id: string; trialUntilMs: number; openUntilMs: number }): Promise<number> }
  noteFailure: {
    first(
      on: Reader,
      p: { id: string; nowMs: number; sinceMs: number; openUntilMs: number },
    ): Promise<Pick<EndpointTable, 'breaker'> | undefined>
  }
}

const ENDPOINTS: BreakerStore = { kind: 'endpoint', takeTrial, closeBreaker, reopenBreaker, noteFailure }

/** Whether an endpoint, or what is stored elsewhere, may be called now. As long as it works nothing is written. */
export async function askBreaker(core: Needs, row: Breaking, { takeTrial } = ENDPOINTS): Promise<Permit> {
  const nowMs = core.clock.nowMs()
  if (row.breaker === 'closed') return { kind: 'go', trialUntilMs: null }
  const untilMs = row.breaker === 'open' ? row.open_until_ms : row.trial_until_ms
  if (nowMs < untilMs) return { kind: 'rests', untilMs }
  const trialUntilMs = nowMs + TRIAL_MS
  const taken = await core.db.write((tx) => takeTrial.run(tx, { id: row.id, nowMs, trialUntilMs }))
  return taken > 0 ? { kind: 'go', trialUntilMs } : { kind: 'rests', untilMs: trialUntilMs }
}

/** Says how a permitted call went. A success outside of a trial writes nothing. */
export async function tellBreaker(
  core: Needs,
  row: Breaking,
  { trialUntilMs }: Extract<Permit, { kind: 'go' }>,
  hasFailed: boolean,
  store = ENDPOINTS,
): Promise<void> {
  if (!hasFailed && trialUntilMs === null) return
  const nowMs = core.clock.nowMs()
  await core.db.write(async function tellBreaker(tx) {
    const { id } = row
    const openUntilMs = nowMs + REST_MS
    const event = (type: string) => ({
      type,
      actor: 'system',
      context: row.context,
      subject: id,
      details: { name: row.name },
    })
    if (trialUntilMs !== null) {
      const changed = hasFailed
        ? await store.reopenBreaker.run(tx, { id, trialUntilMs, openUntilMs })
        : await store.closeBreaker.run(tx, { id, trialUntilMs })
      if (changed > 0) await appendEvents(tx, nowMs, [event(`${store.kind}.${hasFailed ? 'opened' : 'closed'}`)])
      return
    }
    const after = await store.noteFailure.first(tx, { id, nowMs, sinceMs: nowMs - WINDOW_MS, openUntilMs })
    // Only the failure that opened it finds it closed and leaves it open.
    if (after?.breaker === 'open') await appendEvents(tx, nowMs, [event(`${store.kind}.opened`)])
  })
}

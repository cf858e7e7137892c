import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { start } from './engine.ts'
import { closedLoopFor, quantile } from './rounds.ts'

const AT_ONCE = 50
const WARM_UP_MS = 3_000
const SECONDS = 8

/**
 * How long a request to start a run waits until the run is accepted, which is when it is on disk: runs come at half the
 * rate that this machine can do, whether the ones before have ended or not.
 */
export async function benchLatency(): Promise<boolean> {
  const directory = mkdtempSync(join(tmpdir(), 'muster-bench-'))
  const engine = await start(`sqlite:${join(directory, 'muster.db')}`)
  await closedLoopFor(WARM_UP_MS, AT_ONCE, engine.one)
  const most = ((await closedLoopFor(WARM_UP_MS, AT_ONCE, engine.one)) * 1_000) / WARM_UP_MS
  const waitedMs: number[] = []
  const startMs = performance.now()
  const submitted: Promise<void>[] = []
  for (let sent = 0; performance.now() - startMs < SECONDS * 1_000; ) {
    const due = Math.floor(((performance.now() - startMs) / 1_000) * (most / 2))
    // From when it should have been sent: what waits for this loop waits for the program.
    for (; sent < due; sent++) {
      const dueMs = startMs + (sent * 2_000) / most
      submitted.push(engine.submit(sent % AT_ONCE).then(() => void waitedMs.push(performance.now() - dueMs)))
    }
    await sleep(1)
  }
  await Promise.all(submitted)
  const part = (of: number): string => quantile(waitedMs, of).toFixed(1)
  console.log(
    `Accepting a run at ${(most / 2).toFixed(0)} a second, half of what it can do; load of the machine ${loadavg()[0]?.toFixed(1)}`,
  )
  console.log(`  p50 ${part(0.5)} ms, p90 ${part(0.9)} ms, p99 ${part(0.99)} ms of ${waitedMs.length}`)
  await engine.stop()
  rmSync(directory, { recursive: true, force: true })
  return true
}

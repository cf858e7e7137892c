import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compete } from './compete.ts'
import { countingDb } from './counting.ts'
import { open, startOn } from './engine.ts'
import { closedLoop } from './rounds.ts'

const AT_ONCE = 50

/**
 * Durable three-step runs a second, fifty at once: the whole engine with ledger, events, card and outbox, beside what
 * others make of three durable steps, and beside the same rows written by hand and naively.
 */
export async function benchWrites(): Promise<boolean> {
  const isComplete = await compete(
    [
      'muster',
      'muster-effects',
      'raw',
      'naive',
      'bullmq-job',
      'bullmq-chain',
      'bullmq-flow',
      'pg-boss',
      'graphile',
      'dbos',
    ],
    'Durable three-step runs, Muster on SQLite with synchronous=FULL, BullMQ on Redis with appendfsync=everysec',
  )
  const directory = mkdtempSync(join(tmpdir(), 'muster-bench-'))
  await countStatements(`sqlite:${join(directory, 'counted.db')}`)
  rmSync(directory, { recursive: true, force: true })
  return isComplete
}

const COUNTED_RUNS = 500

/** What one run asks of the database. */
async function countStatements(url: string): Promise<void> {
  const counted = countingDb(await open(url))
  const engine = await startOn(counted, url)
  await closedLoop(COUNTED_RUNS, AT_ONCE, engine.one)
  counted.take()
  await closedLoop(COUNTED_RUNS, AT_ONCE, engine.one)
  const { reads, statementsWritten, writes, commits } = counted.take()
  await engine.stop()
  const each = (count: number): string => (count / COUNTED_RUNS).toFixed(1)
  console.log(
    `A run of Muster: ${each(statementsWritten)} statements in ${each(writes)} writes, which share ${(commits / COUNTED_RUNS).toFixed(2)} commits; ${each(reads)} reads outside them`,
  )
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import type { Logger } from 'pino'
import type { Core } from '#core/core.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { startWork } from '#core/work.ts'
import { readConfig } from '../config.ts'
import { action, type Outcome } from './action.ts'
import { countDueWork, countOutcomes, type DueWork } from './cycle-statements.ts'
import { ensureMigrated } from './database.ts'
import { quietLog } from './open.ts'
import { type Output, table } from './output.ts'

/** Between a claim and its work there is a moment in which neither shows. */
const QUIET_MS = 300
const LOOK_EVERY_MS = 50
/** An edit waits for the pace of its channel; the last one is worth the wait. */
const PACE_MS = 4_000
/** Work that fails is tried again every other second, and some of it fails for ever. */
const ERRORS_MAX = 10
/** What is due and is not taken up for so long, nobody will take up. */
const STUCK_MS = 30_000
const GRACE_MS = 5_000

export function addProcessCommand(program: Command, outcome: Outcome): void {
  program
    .command('process')
    .description('do what is due, messages, runs and schedules, until nothing is; 1 when any of it failed')
    .action(action(outcome, processDue))
}

async function processDue(output: Output): Promise<number> {
  const config = readConfig()
  await ensureMigrated(config)
  const { log, errors } = countErrors(quietLog(config))
  // Only this command and the server need the channels.
  const { assemble } = await import('../main.ts')
  const assembled = await assemble(config, log)
  const { core, senders, handle, words } = assembled
  try {
    await seedShipped(core)
    const sinceMs = core.clock.nowMs()
    const before = await countOutcomes.first(core.db, { sinceMs })
    await startWork(core, { handle, senders, words })
    const left = await untilQuiet(core, [...senders.keys()], errors).finally(() => core.queue.stop(GRACE_MS))
    const after = await countOutcomes.first(core.db, { sinceMs })
    return answer(output, cycleOf(before ?? {}, after ?? {}, { errors: errors(), left }))
  } finally {
    await assembled.close()
  }
}

/** Work that threw is tried again, and not in this cycle: the log is where it shows. */
function countErrors(log: Logger): { log: Logger; errors(): number } {
  let count = 0
  const counting: Logger = Object.create(log, {
    error: {
      value: (...args: Parameters<Logger['error']>) => {
        count++
        log.error(...args)
      },
    },
  })
  return { log: counting, errors: () => count }
}

/** Undefined when everything is done; otherwise what is due and does not move. */
async function untilQuiet(core: Core, channels: readonly string[], errors: () => number): Promise<DueWork | undefined> {
  let quietSinceMs: number | undefined
  let movedAtMs = performance.now()
  let seen = ''
  for (;;) {
    const nowMs = core.clock.nowMs()
    const due = await countDueWork(core.db, { channels, nowMs, messagesByMs: nowMs + PACE_MS })
    const isBusy = core.queue.activeCount > 0
    const isDone = !isBusy && Object.values(due).every((count) => count === 0)
    const atMs = performance.now()
    quietSinceMs = isDone ? (quietSinceMs ?? atMs) : undefined
    if (quietSinceMs !== undefined && atMs - quietSinceMs >= QUIET_MS) return undefined
    const now = JSON.stringify(due)
    if (isBusy || now !== seen) movedAtMs = atMs
    seen = now
    if (!isDone && (atMs - movedAtMs >= STUCK_MS || errors() >= ERRORS_MAX)) return due
    await sleep(LOOK_EVERY_MS)
  }
}

interface Cycle {
  messages: { handled: number; failed: number }
  runs: { ended: number; failed: number }
  deliveries: { sent: number; undelivered: number }
  schedules: { started: number; skipped: number; missed: number }
  errors: number
  /** Due, and taken up by nobody. */
  left: DueWork | null
}

type Counts = Partial<Record<string, number | null>>

function cycleOf(before: Counts, after: Counts, rest: { errors: number; left: DueWork | undefined }): Cycle {
  const number = (name: string): number => Number(after[name] ?? 0)
  return {
    messages: { handled: number('messages_handled'), failed: number('messages_failed') },
    runs: { ended: number('runs_ended'), failed: number('runs_failed') },
    deliveries: { sent: number('messages_sent'), undelivered: number('undelivered') - Number(before.undelivered ?? 0) },
    schedules: { started: number('fires_started'), skipped: number('fires_skipped'), missed: number('fires_missed') },
    errors: rest.errors,
    left: rest.left ?? null,
  }
}

function answer(output: Output, cycle: Cycle): number {
  const { messages, runs, deliveries, schedules, errors, left } = cycle
  const failed = messages.failed + runs.failed + Math.max(0, deliveries.undelivered) + schedules.skipped + errors
  const lines = table([
    ['Messages', `${messages.handled} handled, ${messages.failed} failed`],
    ['Runs', `${runs.ended} ended, ${runs.failed} failed`],
    ['Deliveries', `${deliveries.sent} sent, ${deliveries.undelivered} undelivered`],
    ['Schedules', `${schedules.started} started, ${schedules.skipped} skipped, ${schedules.missed} missed`],
    ...(errors > 0 ? [['Errors', `${errors}; the log says which`] as const] : []),
    ...(left ? [['Left', `${JSON.stringify(left)} is due, and nobody takes it up`] as const] : []),
  ])
  output.answer({ ...cycle, failed }, lines)
  return failed > 0 || left ? 1 : 0
}

import { listFires } from '#db/schedule-fires.ts'
import { findSchedule, type ScheduleRow } from '#db/schedules.ts'
import { accountById } from '../accounts/account.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { showUsd } from '../money.ts'
import { type CycleExplained, explainCycles } from '../plans/explain.ts'
import { requireSchedule } from './keeper.ts'
import { type FireView, fireView, type ScheduleView, viewOf } from './view.ts'

export interface Explanation {
  schedule: ScheduleView
  nextAt: string | null
  /** Why it comes then, or why it does not come; one sentence each. */
  why: string[]
  lastFires: FireView[]
  /** Of a planned one: its last cycles, the newest first. */
  cycles: CycleExplained[]
}

const FIRES = 10

/** Why the next time is when it is, what stands in its way, and what became of the last ones. */
export async function explainSchedule(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  id: string,
): Promise<Explanation> {
  const row = await requireSchedule(core.db, actor, id, findSchedule)
  const schedule = await viewOf(core.db, row, core.clock.nowMs())
  const owner = await accountById(core.db, row.account_id)
  const fires = await listFires.all(core.db, {
    scheduleId: id,
    beforeMs: Number.MAX_SAFE_INTEGER,
    beforeByHand: 0,
    limit: FIRES,
  })
  const lastFires = fires.map(fireView)
  const cycles = await explainCycles(core.db, row)
  return {
    schedule,
    nextAt: schedule.nextFires[0] ?? null,
    why: [whyThen(row, schedule, cycles), ...limitsOf(row), ownerLine(owner?.handle), ...whatWas(lastFires)],
    lastFires,
    cycles,
  }
}

const REASONS: Record<string, string> = {
  by_hand: 'somebody paused it',
  by_plan: 'its model asked for a pause, and it was allowed to',
  done: 'its last time has come',
  expired: 'it has reached its end',
  max_runs: 'it has run as often as it was to',
  limit_reached: 'its budget is used up',
}

function whyThen(
  row: ScheduleRow,
  { status, description, nextFires, pausedUntil }: ScheduleView,
  [last]: readonly CycleExplained[],
): string {
  const [next] = nextFires
  if (next === undefined) {
    const reason = REASONS[row.status_reason ?? ''] ?? `its last time was refused (${row.status_reason})`
    return status === 'paused' ? `It does not run: ${reason}. Resume it to go on.` : `It has ended: ${reason}.`
  }
  if (pausedUntil !== null)
    return `It is paused until ${pausedUntil}. ${next} is the first time after that: ${description}.`
  if (row.next_at_ms !== null && row.next_at_ms <= row.catch_up_until_ms) {
    return `${next} is a time that it missed and makes up for: its policy is ${row.missed_policy}.`
  }
  if (row.kind === 'planned') return whyPlanned(next, last)
  return `It runs ${description}, and ${next} is the first such time after the last one it dealt with.`
}

function whyPlanned(next: string, last: CycleExplained | undefined): string {
  if (!last) return `It has not come round yet; ${next} is its first time.`
  if (!last.next) return `A cycle goes on; it decides when the next one begins, at the latest ${next}.`
  return last.next.at === next
    ? `It comes at ${next}. ${last.next.because.join(' ')}`
    : `It comes at ${next}: somebody, or a time that was left out, has changed what the last cycle decided.`
}

function limitsOf(row: ScheduleRow): string[] {
  const lines: string[] = []
  if (row.max_runs !== null && row.kind !== 'once')
    lines.push(`It has run ${row.runs} of at most ${row.max_runs} times.`)
  if (row.expires_at_ms !== null) lines.push(`It ends at ${new Date(row.expires_at_ms).toISOString()}.`)
  if (row.budget_micros !== null) {
    lines.push(`${showUsd(row.committed_micros)} of its budget of ${showUsd(row.budget_micros)} is spent or held.`)
  }
  return lines
}

const ownerLine = (handle: string | undefined): string =>
  `Its runs have the rights of @${handle ?? '(gone)'} at that moment, and no others.`

function whatWas([last]: readonly FireView[]): string[] {
  if (!last) return ['It has not run yet.']
  const at = `The last time was ${last.dueAt}`
  if (last.status === 'started') return [`${at}: it started a run, which is ${last.runStatus?.replaceAll('_', ' ')}.`]
  return [`${at}: it was ${last.status}. ${last.reason?.message ?? ''}`.trim()]
}

import type { Reader, Tx } from '#db/db.ts'
import {
  countWaiters,
  type FundsWaitRow,
  holdFundsWait,
  listInLine,
  moveFundsWait,
  renameShortage,
} from '#db/funds-waits.ts'
import { confirmClaim } from '#db/queue/claims.ts'
import type { Claim } from '#db/queue/queue.ts'
import { addHold, findRun, type RunRow, requestCancel } from '#db/runs.ts'
import { contextOf, walletOf } from '../context.ts'
import type { Core } from '../core.ts'
import { tryHold } from '../economy/holds.ts'
import { hasRoom } from '../economy/limit-states.ts'
import { nextPeriodMs } from '../economy/period.ts'
import type { Shortage } from '../economy/shortage.ts'
import { contextOfFundsKey } from '../economy/wake.ts'
import { warnOf } from '../economy/warnings.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { formatUsd } from '../money.ts'
import { requireSpender } from '../teams/spender.ts'
import { showRunCardOf } from './card.ts'
import { runKey } from './card-key.ts'
import { FUNDS_WAIT_MS, shortageJson } from './funds-wait.ts'
import { availableMicros } from './pay-line.ts'
import { decodePins } from './pins.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

const PAGE = 100

/**
 * Gives the money of one wallet to the runs that wait for it, those first that came first: each that there is money and
 * room for is held for and goes on. One that needs more than there is does not keep those behind it waiting: they would
 * start at once if they were asked for anew.
 */
export async function fundWaiting(core: Needs, claim: Claim, signal: AbortSignal): Promise<void> {
  const context = contextOfFundsKey(claim.key) ?? ''
  for (;;) {
    let isLeft = false
    // Read once, and after each try: most that wait are passed over. What comes meanwhile asks for another look.
    let available = await availableMicros(core.db, contextOf(context))
    for await (const wait of inLine(core.db, context)) {
      if (signal.aborted) throw signal.reason
      const isHopeless = await isStillShort(core, wait, available)
      isLeft = isHopeless || !(await fundOne(core, claim, wait)) || isLeft
      if (!isHopeless) available = await availableMicros(core.db, contextOf(context))
    }
    const nowMs = core.clock.nowMs()
    const monthMs = nextPeriodMs(nowMs)
    // Limits start anew with the month; that nobody tells.
    const nextAtMs = isLeft && monthMs - nowMs <= FUNDS_WAIT_MS ? monthMs : null
    if (await core.db.write((tx) => core.queue.release(tx, claim, nextAtMs))) return
  }
}

async function* inLine(on: Reader, context: string): AsyncGenerator<FundsWaitRow> {
  let after = { afterMs: 0, afterRunId: '' }
  for (;;) {
    const page = await listInLine.all(on, { context, ...after, limit: PAGE })
    yield* page
    const last = page.at(-1)
    if (page.length < PAGE || !last) return
    after = { afterMs: last.created_at_ms, afterRunId: last.run_id }
  }
}

/** Whether what stands in its way still does. */
async function isStillShort(
  core: Needs,
  { limit_name, account_id: accountId, context, amount_micros: amountMicros, runs }: FundsWaitRow,
  available: bigint,
): Promise<boolean> {
  if (limit_name === 'available') return available < amountMicros
  const spender = { accountId, context: contextOf(context) }
  return !(await hasRoom(core.db, spender, { amountMicros, runs, nowMs: core.clock.nowMs() }))
}

/** True when it does not wait any more. */
async function fundOne(core: Needs, claim: Claim, { run_id: runId }: FundsWaitRow): Promise<boolean> {
  const nowMs = core.clock.nowMs()
  const funded = await core.db.write(async function fundWaitingRun(tx) {
    await confirmClaim(tx, claim)
    return tryFund(core, tx, runId, { nowMs })
  })
  return typeof funded === 'string'
}

/**
 * Holds what a waiting run needs and tells its worker, or says what is in the way. `over` when it does not wait any more
 * for money: it was funded, ended, or whoever started it may not spend there now, and then it is ended.
 */
export async function tryFund(
  core: Omit<Needs, 'db'>,
  tx: Tx,
  runId: string,
  { nowMs, deposit = async () => {} }: { nowMs: number; deposit?: () => Promise<void> },
): Promise<'funded' | 'over' | Shortage> {
  const wait = await holdFundsWait.first(tx, { runId })
  const run = wait && (await findRun.first(tx, { id: runId }))
  if (wait?.state !== 'waiting' || wait.expires_at_ms <= nowMs || !run || run.cancel_reason !== null) {
    await deposit()
    return 'over'
  }
  const context = contextOf(wait.context)
  const spender = { accountId: wait.account_id, context }
  if (wait.is_start === 1 && !(await maySpend(tx, spender))) {
    await deposit()
    await requestCancel.run(tx, { id: runId, reason: 'Whoever started it may not spend there any more.' })
    await wakeRun(core, tx, run, nowMs)
    return 'over'
  }
  const { amount_micros: amountMicros, runs } = wait
  const { fire, counted } = decodePins(run.pins_json)
  const paid = { id: runId, ...spender, holds: run.holds, fire, jobId: run.job_key, ...counted }
  const held = await tryHold(tx, paid, { amountMicros, runs, nowMs, deposit })
  if ('shortage' in held) {
    await tellShortage(core, tx, { wait, run, shortage: held.shortage })
    return held.shortage
  }
  if (amountMicros > 0n) await addHold.run(tx, { id: runId, amountMicros })
  await moveFundsWait.run(tx, { runId, from: 'waiting', to: 'funded', endedAtMs: null })
  await countWaiters.run(tx, { wallet: walletOf(context), by: -1 })
  await warnOf(core, tx, spender, { ...held, amountMicros, nowMs })
  const details = { heldUsd: formatUsd(amountMicros), waitedMs: nowMs - wait.created_at_ms }
  await appendEvents(tx, nowMs, [
    { type: 'run.funded', actor: 'system', context: wait.context, subject: runId, details },
  ])
  await wakeRun(core, tx, run, nowMs)
  return 'funded'
}

async function maySpend(tx: Tx, spender: Parameters<typeof requireSpender>[1]): Promise<boolean> {
  try {
    await requireSpender(tx, spender, [])
    return true
  } catch (error) {
    if (error instanceof AppError) return false
    throw error
  }
}

/** There is money now, but a limit is in the way, or the other way round: the card says so. */
async function tellShortage(
  core: Omit<Needs, 'db'>,
  tx: Tx,
  { wait, run, shortage }: { wait: FundsWaitRow; run: RunRow; shortage: Shortage },
): Promise<void> {
  const json = shortageJson(shortage)
  if (json === wait.shortage_json) return
  await renameShortage.run(tx, { runId: run.id, limitName: shortage.limit, shortageJson: json })
  await showRunCardOf(core, tx, run.id)
}

const wakeRun = (core: Pick<Core, 'queue'>, tx: Tx, { id, context }: RunRow, nowMs: number): Promise<void> =>
  core.queue.enqueue(tx, { kind: 'run', key: runKey(id), runAtMs: nowMs, fairGroup: context })

import { CHECKS, type Check, type Finding } from './checks.ts'
import type { Kill } from './facts.ts'
import type { CrashHarness } from './harness.ts'
import type { Random } from './random.ts'
import { tallyOf } from './report.ts'

/** What the kills cost, counted when all was over. */
export interface Tally {
  /** Steps whose tool was called once more, because nobody knew what had come of the call before. */
  begunAgain: number
  /** Messages of the bot, and those of them that say they may be duplicates. */
  messages: number
  marked: number
  /** What the provider did, and how often it was asked to. */
  jobs: number
  submissions: number
}

export interface Report {
  seed: number
  runs: number
  kills: readonly Kill[]
  findings: Finding[]
  tally: Tally
  /** From the last start until nothing was left to do. */
  recoveredMs: number
  tookMs: number
}

/** Leases, the queue's heartbeat, the pace of cards, and the pauses of steps that were cut off often have to pass. */
const STUCK_MS = 150_000

export interface Telling {
  seed: number
  runs: number
  recoverMs?: number | undefined
  tell?: ((line: string) => void) | undefined
  beganMs: number
  random: Random
  /** What is not asked of this story, because it was made to happen. */
  without?: readonly Check[]
}

/** Nothing is done to the program any more: all is done in the end, and what is stored and what arrived is as it must be. */
export async function judge(harness: CrashHarness, telling: Telling): Promise<Report> {
  const { seed, runs, recoverMs = STUCK_MS, tell = () => {}, beganMs, random, without = [] } = telling
  const lastStartMs = performance.now()
  await harness.startAll()
  await harness.redeliver(random, { count: Math.ceil(runs / 4), times: 4 })
  const stuck = await harness.untilQuiet(recoverMs, { mostMs: 6 * recoverMs })
  const recoveredMs = performance.now() - lastStartMs
  const took = seconds(lastStartMs)
  tell(stuck ? `not done after ${took}: ${JSON.stringify(stuck)}` : `done after ${took}`)
  const exitCodes = await harness.stop()
  const facts = await harness.facts()
  const findings = CHECKS.filter((check) => !without.includes(check)).flatMap((check) => check(facts))
  for (const exitCode of exitCodes.filter((code) => code !== 0)) {
    findings.push({ check: 'stopsInTime', what: `The program ended with ${exitCode} when asked to stop` })
  }
  const tookMs = performance.now() - beganMs
  return { seed, runs, kills: harness.kills, findings, tally: tallyOf(facts), recoveredMs, tookMs }
}

export const seconds = (sinceMs: number): string => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`

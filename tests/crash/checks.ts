import { chargedOnce, entriesAgree, holdsResolvedOnce, sumsToZero, usageAgrees, walletsAgree } from './checks/money.ts'
import { providerWorkedOnce } from './checks/provider.ts'
import { noComplaints, nothingElseSaid, nothingSentTwiceUnmarked, orderKept, repliesArrived } from './checks/replies.ts'
import { eventsInOrder, everyCommandOneRun, stepsExecutedOnce } from './checks/runs.ts'
import { databaseRefuses, everyUpdateStoredOnce, noErrorsLogged, nothingWaits, soundFile } from './checks/work.ts'
import type { Facts } from './facts.ts'

/** Something that is not as it must be. */
export interface Finding {
  /** The check that found it. */
  check: string
  what: string
}

export type Check = (facts: Facts) => Finding[]

/** What must hold when the story is over, whatever was killed when. */
export const CHECKS: readonly Check[] = [
  everyUpdateStoredOnce,
  everyCommandOneRun,
  stepsExecutedOnce,
  providerWorkedOnce,
  eventsInOrder,
  holdsResolvedOnce,
  chargedOnce,
  walletsAgree,
  entriesAgree,
  sumsToZero,
  usageAgrees,
  nothingWaits,
  repliesArrived,
  nothingElseSaid,
  nothingSentTwiceUnmarked,
  orderKept,
  noComplaints,
  noErrorsLogged,
  databaseRefuses,
  soundFile,
]

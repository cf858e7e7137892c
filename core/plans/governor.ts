import { showDuration } from '../duration.ts'

/** What somebody has said about when it should come, as long as that holds. */
export interface TimeHint {
  saidBy: 'person' | 'model'
  everyMs: number | null
  atMs: number | null
  untilMs: number
}

export interface Governing {
  nowMs: number
  /** How often it comes when nobody says otherwise. */
  everyMs: number
  minMs: number
  maxMs: number
  /** The newest first. */
  hints: readonly TimeHint[]
  /** What the model said at the end of this cycle; null when none was asked or it said nothing of use. */
  adviceAtMs: number | null
  fallback: 'interval' | 'adaptive'
  /** Share of the answers that were different from the last time, 0 to 1; null when nothing can be compared. */
  changed: number | null
  /** Cycles in a row in which much failed. */
  troubles: number
  /** How often in a row the same was planned from the same, with the same answers. */
  repeats: number
}

export interface Governed {
  atMs: number
  /** Who decided. */
  by: 'person' | 'model' | 'model_hint' | 'adaptive' | 'interval'
  /** What it was corrected by, in the order in which that happened. */
  corrections: ('troubles' | 'repeats' | 'min' | 'max')[]
  /** The same as sentences. */
  because: string[]
}

/** The same thing this often, and it comes more seldom. */
const REPEATS_MOST = 3
/** No doubling beyond a thousandfold: the longest time allowed is reached long before. */
const DOUBLINGS_MAX = 10

/**
 * When a planned schedule comes next. Whatever comes in, what comes out is a whole moment from now + min to now + max: what
 * makes no sense is as if it had not been said. More troubles never make it come sooner.
 */
export function govern(given: Governing): Governed {
  const { nowMs } = given
  const bounds = boundsOf(given)
  const wish = wishOf(given, bounds)
  const corrections: Governed['corrections'] = []
  const because = [wish.why]
  let delayMs = wish.delayMs
  const stretch = (times: number, what: 'troubles' | 'repeats', why: string): void => {
    if (times <= 0) return
    delayMs = Math.min(delayMs * 2 ** Math.min(times, DOUBLINGS_MAX), Number.MAX_SAFE_INTEGER)
    corrections.push(what)
    because.push(why)
  }
  const troubles = count(given.troubles)
  // Even what a person asked for waits longer where things fail: it is the other side that is spared.
  delayMs = Math.max(delayMs, troubles > 0 ? bounds.minMs : 0)
  stretch(troubles, 'troubles', `Much has failed ${times(troubles)} in a row, so it waits longer.`)
  const repeats = wish.by === 'person' ? 0 : Math.floor(count(given.repeats) / REPEATS_MOST)
  stretch(
    repeats,
    'repeats',
    `The same plan has got the same answers ${count(given.repeats)} times over, so it comes more seldom.`,
  )
  if (delayMs < bounds.minMs) {
    corrections.push('min')
    because.push(`It never comes sooner than after ${showDuration(bounds.minMs)}.`)
  }
  if (delayMs > bounds.maxMs) {
    corrections.push('max')
    because.push(`It never stays away longer than ${showDuration(bounds.maxMs)}.`)
  }
  const atMs = nowMs + Math.round(Math.min(Math.max(delayMs, bounds.minMs), bounds.maxMs))
  return { atMs, by: wish.by, corrections, because }
}

interface Bounds {
  everyMs: number
  minMs: number
  maxMs: number
}

const LEAST_MS = 1_000

/** Bounds that can be kept, whatever is stored. */
function boundsOf({ everyMs, minMs, maxMs }: Governing): Bounds {
  const min = usable(minMs) ? Math.max(LEAST_MS, Math.ceil(minMs)) : LEAST_MS
  const max = usable(maxMs) ? Math.max(min, Math.floor(maxMs)) : Math.max(min, DAY_MS)
  const every = usable(everyMs) ? Math.min(Math.max(everyMs, min), max) : max
  return { everyMs: every, minMs: min, maxMs: max }
}

const DAY_MS = 24 * 3_600_000

const usable = (ms: number): boolean => Number.isFinite(ms) && ms > 0 && ms <= Number.MAX_SAFE_INTEGER

interface Wish {
  delayMs: number
  by: Governed['by']
  why: string
}

/** A person's word comes first, then what the model says now, then what it said before, then the plain rules. */
function wishOf(given: Governing, bounds: Bounds): Wish {
  const { nowMs, adviceAtMs } = given
  const person = hinted(given, 'person')
  if (person) return { ...person, by: 'person', why: `Somebody has said so: ${person.why}.` }
  if (adviceAtMs !== null && Number.isFinite(adviceAtMs) && adviceAtMs > nowMs) {
    const delayMs = adviceAtMs - nowMs
    return { delayMs, by: 'model', why: `The model asked for ${iso(adviceAtMs)}.` }
  }
  const model = hinted(given, 'model')
  if (model) return { ...model, by: 'model_hint', why: `The model said so before: ${model.why}.` }
  return given.fallback === 'adaptive' ? adaptive(given, bounds) : interval(bounds)
}

function hinted({ hints, nowMs }: Governing, saidBy: TimeHint['saidBy']): { delayMs: number; why: string } | undefined {
  for (const { saidBy: by, everyMs, atMs, untilMs } of hints) {
    if (by !== saidBy || !(untilMs > nowMs)) continue
    if (atMs !== null && Number.isFinite(atMs) && atMs > nowMs) {
      return { delayMs: atMs - nowMs, why: `at ${iso(atMs)}` }
    }
    if (everyMs !== null && usable(everyMs)) {
      return { delayMs: everyMs, why: `every ${showDuration(Math.max(1, Math.round(everyMs)))} until ${iso(untilMs)}` }
    }
  }
  return undefined
}

/** Half as long when all answers were new, half as long again when none was. */
function adaptive({ changed }: Governing, bounds: Bounds): Wish {
  if (changed === null || !Number.isFinite(changed)) return interval(bounds)
  const share = Math.min(1, Math.max(0, changed))
  const delayMs = bounds.everyMs * (1.5 - share)
  const percent = Math.round(share * 100)
  return {
    delayMs,
    by: 'adaptive',
    why: `${percent} % of the answers had changed, so it comes in about ${showDuration(Math.round(delayMs))}.`,
  }
}

const interval = ({ everyMs }: Bounds): Wish => ({
  delayMs: everyMs,
  by: 'interval',
  why: `Nobody said otherwise, so it comes after its usual ${showDuration(Math.round(everyMs))}.`,
})

const count = (value: number): number => (Number.isFinite(value) && value > 0 ? Math.floor(value) : 0)

const times = (n: number): string => (n === 1 ? 'once' : `${n} times`)

/** A moment beyond all calendars has no date. */
const iso = (ms: number): string => (Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : 'further notice')

import { Cron } from 'croner'
import cronstrue from 'cronstrue'
import { AppError } from '../errors.ts'

/** Parsing costs twenty times what finding the next time does, and many schedules share a pattern. */
const CACHE_SIZE = 1_000
const parsed = new Map<string, Cron>()

/** Only computes: without a function and paused, croner sets no timer. */
function cronOf(pattern: string, timeZone: string): Cron {
  const key = `${timeZone} ${pattern}`
  const known = parsed.get(key)
  // Put in again at the end: what was used least lately is the first.
  parsed.delete(key)
  const cron = known ?? new Cron(pattern, { timezone: timeZone, paused: true })
  parsed.set(key, cron)
  const [oldest] = parsed.keys()
  if (parsed.size > CACHE_SIZE && oldest !== undefined) parsed.delete(oldest)
  return cron
}

/**
 * The first time after this moment that a pattern names in its zone; null when there is none. A time that the clocks
 * leap over comes when they have, one that they show twice comes the first time alone.
 */
export const nextCronMs = (pattern: string, timeZone: string, afterMs: number): number | null =>
  cronOf(pattern, timeZone).nextRun(new Date(afterMs))?.getTime() ?? null

/** A pattern of five or six fields as it is stored, or `bad_input`. Whatever cannot be put in words is none. */
export function checkCron(text: string, timeZone: string, nowMs: number): string {
  const pattern = text.trim().replaceAll(/\s+/g, ' ')
  const fields = pattern.split(' ').length
  if (fields !== 5 && fields !== 6) throw wrong('it has five fields, or six with seconds in front')
  if (describeCron(pattern) === undefined) throw wrong('it cannot be read')
  try {
    if (nextCronMs(pattern, timeZone, nowMs) !== null) return pattern
  } catch (error) {
    throw wrong(error instanceof Error ? error.message.replace(/^CronPattern: /, '') : 'it cannot be read')
  }
  throw wrong('there is no such day')
}

/** `At 09:00, Monday through Friday`; undefined for what is no pattern. */
export function describeCron(pattern: string): string | undefined {
  try {
    return cronstrue.toString(pattern, { use24HourTimeFormat: true })
  } catch {
    return undefined
  }
}

/** The moment at which clocks in a zone show this; see `nextCronMs` for the two odd hours of a year. */
export function wallClockMs({ year, month, day, hour, minute, second }: WallClock, timeZone: string): number | null {
  const pattern = `${second} ${minute} ${hour} ${day} ${month} * ${year}`
  // No zone is more than a day away from UTC.
  const beforeMs = Date.UTC(year, month - 1, day - 2)
  return new Cron(pattern, { timezone: timeZone, paused: true }).nextRun(new Date(beforeMs))?.getTime() ?? null
}

/** A date and a time as a clock on the wall shows them. */
export interface WallClock {
  year: number
  /** From 1. */
  month: number
  day: number
  hour: number
  minute: number
  second: number
}

function wrong(why: string): AppError {
  const message = `This cron pattern does not work: ${why}. One that does: 0 9 * * 1-5 (at nine on weekdays).`
  return new AppError('bad_input', message, { problems: [{ path: 'cron', message: why }] })
}

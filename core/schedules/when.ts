import type { Component, ParsedComponents } from 'chrono-node'
// English alone: with all the languages it would be a sixth of what a start loads.
import * as chrono from 'chrono-node/en'
import { parseDurationMs } from '../duration.ts'
import { AppError } from '../errors.ts'
import { checkCron, type WallClock, wallClockMs } from './cron.ts'
import type { Rhythm } from './rhythm.ts'

/** What somebody wrote about when something is to happen. */
export interface When {
  rhythm: Rhythm
  /** How much of the text says so; behind it something else may follow. */
  length: number
  /** Understood, not spelt out: to be read back to them before it counts. */
  isGuess: boolean
}

export interface Here {
  nowMs: number
  timeZone: string
}

/**
 * Reads when something is to happen at the beginning of a text, in the zone of who wrote it:
 *
 * - `every 15m`, `every 2h`, `every minute`, `every hour`
 * - `every day`, `every weekday`, `every monday and friday`, each with or without `at 9`, `at 9:30`, `at 5pm`; else at nine
 * - `daily` and `hourly`, for `every day` and `every hour`
 * - `cron "0 9 * * 1-5"`, with five or six fields
 * - `in 10m`, `in 2 hours`
 * - `2026-12-01`, `2026-12-01 09:00`, `2026-12-01T09:00:00+01:00`
 * - words: `tomorrow 9am`, `next friday at 17:30`, `1 December 8:15`. These are guesses.
 *
 * `bad_input` for what is none of these, and for what is over.
 */
export function readWhen(text: string, here: Here): When {
  const [quoted, , inner] = /^(["'“”‘’])(.*?)["'“”‘’](?=\s|$)/s.exec(text) ?? []
  if (quoted !== undefined && inner !== undefined) return { ...readWhole(inner, here), length: quoted.length }
  const when =
    readEvery(text, here) ??
    readDaily(text, here) ??
    readCron(text, here) ??
    readIn(text, here) ??
    readIso(text, here) ??
    readWords(text, here)
  if (!when) throw notUnderstood(text)
  if (when.rhythm.kind === 'once' && when.rhythm.atMs <= here.nowMs) {
    throw wrong(`${text.slice(0, when.length).trim()} is over. Give a time that is to come.`)
  }
  return when
}

/** The same where nothing else may follow. */
export function readWhole(text: string, here: Here): When {
  const when = readWhen(text.trim(), here)
  if (when.length < text.trim().length) throw notUnderstood(text)
  return when
}

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const DAY = '(?:days?|weekdays?|workdays?|weekends?|(?:sun|mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?)(?:days?)?)'
const EVERY_DAYS = new RegExp(`^every\\s+(${DAY}(?:(?:\\s*,\\s*|\\s+and\\s+|\\s*,\\s*and\\s+)${DAY})*)(?![\\w-])`, 'i')
const AT = /^\s*,?\s*at\s+(noon|midnight|\d{1,2}(?::\d{2})?\s*(?:[ap]\.?m\.?(?!\w))?)(?!\w|:\d)/i
const USUAL_TIME = { hour: 9, minute: 0 }

function readEvery(text: string, here: Here): When | undefined {
  if (!/^every\s/i.test(text)) return undefined
  return readEveryUnit(text, here) ?? readEveryDays(text, here) ?? readInterval(text, here)
}

const LONG: Record<string, string> = { daily: 'every day', hourly: 'every hour' }

function readDaily(text: string, here: Here): When | undefined {
  const [word = ''] = /^(?:daily|hourly)(?![\w-])/i.exec(text) ?? []
  const long = LONG[word.toLowerCase()]
  const when = long && readEvery(long + text.slice(word.length), here)
  return when ? { ...when, length: when.length - (long ?? '').length + word.length } : undefined
}

/** On the full minute or hour, as people mean it. */
function readEveryUnit(text: string, { timeZone }: Here): When | undefined {
  const [all, unit] = /^every\s+(minute|hour)(?![\w-])/i.exec(text) ?? []
  if (all === undefined || unit === undefined) return undefined
  const cron = unit.toLowerCase() === 'minute' ? '* * * * *' : '0 * * * *'
  return { rhythm: { kind: 'cron', cron, timeZone }, length: all.length, isGuess: false }
}

function readEveryDays(text: string, { timeZone }: Here): When | undefined {
  const [all, list] = EVERY_DAYS.exec(text) ?? []
  if (all === undefined || list === undefined) return undefined
  const days = new Set(list.split(/\s*,\s*(?:and\s+)?|\s+and\s+/i).flatMap(daysOf))
  const [at = '', clock] = AT.exec(text.slice(all.length)) ?? []
  const { hour, minute } = clock === undefined ? USUAL_TIME : readClock(clock)
  const weekdays = days.size === 7 ? '*' : [...days].sort().join(',').replace('1,2,3,4,5', '1-5')
  const cron = `${minute} ${hour} * * ${weekdays}`
  return { rhythm: { kind: 'cron', cron, timeZone }, length: all.length + at.length, isGuess: false }
}

function daysOf(word: string): number[] {
  const name = word.toLowerCase()
  if (/^days?$/.test(name)) return [0, 1, 2, 3, 4, 5, 6]
  if (/^w(eek|ork)days?$/.test(name)) return [1, 2, 3, 4, 5]
  if (/^weekends?$/.test(name)) return [0, 6]
  return [DAYS.findIndex((day) => day.startsWith(name.slice(0, 3)))]
}

/** `9`, `9:30`, `5pm`, `noon`. */
function readClock(text: string): { hour: number; minute: number } {
  if (/^noon$/i.test(text)) return { hour: 12, minute: 0 }
  if (/^midnight$/i.test(text)) return { hour: 0, minute: 0 }
  const [, hours = '', minutes = '0', half = ''] = /^(\d{1,2})(?::(\d{2}))?\s*([ap]?)/i.exec(text) ?? []
  const said = Number(hours)
  const hour = half === '' ? said : (said % 12) + (half.toLowerCase() === 'p' ? 12 : 0)
  const minute = Number(minutes)
  if (hour > 23 || minute > 59 || (half !== '' && (said < 1 || said > 12)))
    throw wrong(`${text.trim()} is no time of day.`)
  return { hour, minute }
}

const LENGTH = '\\d+(?:\\.\\d+)?\\s*(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?)(?![\\w-])'
const LENGTHS = `(?:${LENGTH})(?:\\s*(?:${LENGTH}))*|\\d+[a-z](?:\\d+[a-z])+(?![\\w-])`

function readInterval(text: string, { nowMs, timeZone }: Here): When | undefined {
  const [all, length] = new RegExp(`^every\\s+(${LENGTHS})`, 'i').exec(text) ?? []
  const everyMs = length === undefined ? undefined : parseDurationMs(length)
  if (all === undefined || everyMs === undefined) return undefined
  if (AT.test(text.slice(all.length))) {
    throw wrong('A time of day goes with days: every day at 9, every monday at 9, or cron "0 9 */2 * *".')
  }
  const rhythm: Rhythm = { kind: 'interval', everyMs, atMs: nowMs + everyMs, timeZone }
  return { rhythm, length: all.length, isGuess: false }
}

function readCron(text: string, { nowMs, timeZone }: Here): When | undefined {
  const [all, pattern] = /^cron\s+["'“”‘’]([^"'“”‘’]*)["'“”‘’]/i.exec(text) ?? []
  if (all !== undefined && pattern !== undefined) {
    const cron = checkCron(pattern, timeZone, nowMs)
    return { rhythm: { kind: 'cron', cron, timeZone }, length: all.length, isGuess: false }
  }
  if (/^cron(\s|$)/i.test(text)) throw wrong('A cron pattern stands in quotes: cron "0 9 * * 1-5".')
  return undefined
}

function readIn(text: string, { nowMs, timeZone }: Here): When | undefined {
  const [all, length] = new RegExp(`^in\\s+(${LENGTHS})`, 'i').exec(text) ?? []
  const lengthMs = length === undefined ? undefined : parseDurationMs(length)
  // `in 3 days at 9` is a day and a time: words.
  if (all === undefined || lengthMs === undefined || AT.test(text.slice(all.length))) return undefined
  return { rhythm: { kind: 'once', atMs: nowMs + lengthMs, timeZone }, length: all.length, isGuess: false }
}

const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,3})?)?(Z|[+-]\d\d:?\d\d)?)?(?!\w|:\d)/i

function readIso(text: string, { timeZone }: Here): When | undefined {
  const [all, year, month, day, hour, minute, second = '0', offset] = ISO.exec(text) ?? []
  if (all === undefined) return undefined
  const clock = hour === undefined ? USUAL_TIME : { hour: Number(hour), minute: Number(minute) }
  const date = { year: Number(year), month: Number(month), day: Number(day), second: Number(second), ...clock }
  const iso = all.replace(' ', 'T').toUpperCase()
  const atMs = offset === undefined ? onTheWall(date, timeZone) : Date.parse(iso.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
  if (atMs === null || Number.isNaN(atMs)) throw wrong(`${all} is no date.`)
  return { rhythm: { kind: 'once', atMs, timeZone }, length: all.length, isGuess: false }
}

/** A day that a month does not have is no date, rather than one of the next month. */
function onTheWall(date: WallClock, timeZone: string): number | null {
  const { year, month, day, hour, minute, second } = date
  const check = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
  const isDate = check.getUTCMonth() === month - 1 && check.getUTCDate() === day && hour < 24 && minute < 60
  return isDate ? wallClockMs(date, timeZone) : null
}

/** A part of the day has an hour of its own; a day alone is meant at nine. */
const PART_OF_DAY = /morning|afternoon|evening|night|noon/i

function readWords(text: string, { nowMs, timeZone }: Here): When | undefined {
  // 3/4 is a day in March or in April, depending on who reads it.
  if (/^\d{1,2}[/.]\d{1,2}/.test(text))
    throw wrong('Write a date as 2026-04-03 or 3 April: others can be read two ways.')
  const reference = { instant: new Date(nowMs), timezone: offsetMinutes(nowMs, timeZone) }
  const [found] = chrono.parse(text.split('\n')[0] ?? '', reference, { forwardDate: true })
  if (found?.index !== 0) return undefined
  const { start } = found
  // Only where a zone or a length of time was said; else the reference's offset, which summer time may change by then.
  const isExact = start.isCertain('timezoneOffset')
  const atMs = isExact ? start.date().getTime() : wallClockMs(clockOf(start, found.text), timeZone)
  if (atMs === null) return undefined
  return { rhythm: { kind: 'once', atMs, timeZone }, length: found.text.length, isGuess: true }
}

function clockOf(start: ParsedComponents, words: string): WallClock {
  const get = (part: Component): number => start.get(part) ?? 0
  const hasTime = start.isCertain('hour') || PART_OF_DAY.test(words)
  const time = hasTime
    ? { hour: get('hour'), minute: get('minute'), second: get('second') }
    : { ...USUAL_TIME, second: 0 }
  return { year: get('year'), month: get('month'), day: get('day'), ...time }
}

/** How far a zone's clocks are ahead of UTC at a moment. */
function offsetMinutes(atMs: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
  const name = format.formatToParts(atMs).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT'
  const [, sign, hours = '0', minutes = '0'] = /([+-])(\d\d):(\d\d)/.exec(name) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

function notUnderstood(text: string): AppError {
  const said =
    text.trim() === ''
      ? 'That says no time.'
      : `I do not understand “${text.trim().split(/\s+/).slice(0, 5).join(' ')}” as a time.`
  return wrong(
    `${said} Say it like: every weekday at 9, every 15m, in 10m, tomorrow 9am, 2026-12-01 09:00, or cron "0 9 * * 1-5".`,
  )
}

const wrong = (message: string): AppError =>
  new AppError('bad_input', message, { problems: [{ path: 'when', message }] })

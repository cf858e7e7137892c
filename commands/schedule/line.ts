import { checkTimeZone } from '#core/accounts/fields.ts'
import { AppError } from '#core/errors.ts'
import type { ScheduleRequest } from '#core/schedules/request.ts'
import { type Here, readWhen, type When } from '#core/schedules/when.ts'
import type { CommandLine, Token } from '../grammar/line.ts'
import { readNamed } from '../grammar/named.ts'
import { openQuote } from '../grammar/values.ts'

/** What a schedule is told beside its job and its inputs. */
export interface ScheduleLine {
  when: When
  /** Its terms, as the operation takes them. */
  terms: Omit<ScheduleRequest, 'jobId' | 'inputs'>
  /** The rest of the line: the inputs of the job. */
  inputs: CommandLine
}

type Setting = 'missed' | 'budget' | 'until' | 'times' | 'zone'
const SETTINGS: readonly string[] = ['missed', 'budget', 'until', 'times', 'zone'] satisfies Setting[]

/**
 * Reads `<when> [--missed …] [--budget …] [--until …] [--times …] [--zone …]` off the beginning of a line. What is behind it
 * belongs to the job, a `--budget` of its own as well. Refused (`bad_input`) with what is wrong.
 */
export function readScheduleLine(line: CommandLine, here: Here): ScheduleLine {
  const from = line.tokens[0]?.start ?? line.end
  const text = line.text.slice(from, line.end)
  const first = readWhen(text, here)
  const behind = line.tokens.filter(({ start }) => start >= from + first.length)
  const { settings, rest } = takeSettings(line, behind)
  const zone = settings.get('zone')
  const timeZone = zone === undefined ? here.timeZone : checkTimeZone(zone)
  // How long it is does not depend on the zone; what it means does.
  const when = timeZone === here.timeZone ? first : readWhen(text, { ...here, timeZone })
  return { when, terms: termsOf(when, settings, timeZone), inputs: { ...line, tokens: rest } }
}

function takeSettings(line: CommandLine, tokens: readonly Token[]): { settings: Map<Setting, string>; rest: Token[] } {
  const settings = new Map<Setting, string>()
  const from: CommandLine = { ...line, tokens: [...tokens] }
  let index = 0
  for (;;) {
    const token = from.tokens[index]
    if (token?.kind !== 'flag' || !SETTINGS.includes(token.name.toLowerCase())) break
    const name = token.name.toLowerCase() as Setting
    const { value, next } = readNamed(from, index, token, false)
    const problem = value === undefined ? 'needs a value' : openQuote(value)
    if (problem !== undefined || settings.has(name)) throw wrong(name, problem ?? 'is given twice')
    settings.set(name, value?.text ?? '')
    index = next
  }
  return { settings, rest: from.tokens.slice(index) }
}

function termsOf(when: When, settings: ReadonlyMap<Setting, string>, timezone: string): ScheduleLine['terms'] {
  const { rhythm } = when
  const budgetUsd = settings.get('budget')
  const expiresAt = settings.get('until')
  const times = settings.get('times')
  const missed = settings.get('missed')
  return {
    kind: rhythm.kind,
    ...(rhythm.kind === 'cron' ? { cron: rhythm.cron } : {}),
    ...(rhythm.kind === 'interval' ? { everyMs: rhythm.everyMs } : {}),
    ...(rhythm.kind === 'once' ? { at: new Date(rhythm.atMs).toISOString() } : {}),
    timezone,
    ...(budgetUsd === undefined ? {} : { budgetUsd: budgetUsd.replace(/^\$/, '') }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(times === undefined ? {} : { maxRuns: readTimes(times) }),
    ...(missed === undefined ? {} : { missed: readMissed(missed) }),
  }
}

function readTimes(text: string): number {
  const times = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (times < 1) throw wrong('times', 'takes a whole number, one or more')
  return times
}

/** `skip`, `once`, `all`, or `all:5`. */
function readMissed(text: string): NonNullable<ScheduleRequest['missed']> {
  const [, policy, max] = /^(skip|once|all)(?::(\d{1,4}))?$/i.exec(text) ?? []
  if (policy === undefined) throw wrong('missed', 'is skip, once, all, or all:5 for the last five')
  const named = policy.toLowerCase() as 'skip' | 'once' | 'all'
  return max === undefined ? { policy: named } : { policy: named, max: Number(max) }
}

function wrong(name: Setting, what: string): AppError {
  const message = `--${name} ${what}.`
  return new AppError('bad_input', message, { problems: [{ path: name, message }] })
}

import { AppError, type Problem } from '../errors.ts'
import { parseUsd } from '../money.ts'
import { isTimeOfDay } from '../quiet-hours.ts'
import { isTimeZone } from '../time-zone.ts'
import type { AgentProfile } from './agent.ts'

/** What of a profile is said anew; the rest stays. */
export type ProfileChange = { [K in keyof AgentProfile]?: AgentProfile[K] | undefined }

const RUN_MOST_USD = 1_000n * 1_000_000n
const LIST_MOST = 100
/** A week of days and nights. */
const MINUTES_MOST = 7 * 24 * 60

/** The profile with what was said; refused (`bad_input`) with every problem at once. */
export function changedProfile(before: AgentProfile, change: ProfileChange): AgentProfile {
  const said = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  const next: AgentProfile = { ...before, ...said }
  const problems = [...listProblems(next), ...hourProblems(next), ...moneyProblems(next), ...minuteProblems(next)]
  if (problems.length === 0) return next
  throw new AppError('bad_input', problems.map(({ path, message }) => `${path} ${message}`).join('; '), { problems })
}

const TOOL = /^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*(\.\*)?$/

function listProblems({ tools, jobs, capabilities }: AgentProfile): Problem[] {
  const problems = tools.flatMap((tool, index) =>
    TOOL.test(tool) ? [] : [{ path: `profile.tools.${index}`, message: 'must be the id of a tool, or end in .*' }],
  )
  for (const [name, list] of Object.entries({ tools, jobs, capabilities })) {
    if (list.length > LIST_MOST) problems.push({ path: `profile.${name}`, message: `has ${LIST_MOST} at most` })
  }
  return problems
}

function hourProblems({ workingHours }: AgentProfile): Problem[] {
  if (workingHours === null) return []
  const { hours, timeZone, days } = workingHours
  const path = 'profile.workingHours'
  const problems: Problem[] = []
  if (!isTimeOfDay(hours.from) || !isTimeOfDay(hours.to)) {
    problems.push({ path: `${path}.hours`, message: 'must be times of day, like 09:00' })
  }
  if (!isTimeZone(timeZone)) problems.push({ path: `${path}.timeZone`, message: 'must be an IANA name' })
  if (days.length === 0 || days.some((day) => !Number.isInteger(day) || day < 1 || day > 7)) {
    problems.push({ path: `${path}.days`, message: 'must name days from 1 (Monday) to 7' })
  }
  return problems
}

function minuteProblems({ taskMinutes, reviewMinutes }: AgentProfile): Problem[] {
  return Object.entries({ taskMinutes, reviewMinutes }).flatMap(([name, minutes]) =>
    Number.isInteger(minutes) && minutes >= 0 && minutes <= MINUTES_MOST
      ? []
      : [{ path: `profile.${name}`, message: `must be whole minutes, ${MINUTES_MOST} at most` }],
  )
}

function moneyProblems({ maxRunUsd }: AgentProfile): Problem[] {
  const micros = parseUsd(maxRunUsd)
  if (micros !== undefined && micros > 0n && micros <= RUN_MOST_USD) return []
  return [{ path: 'profile.maxRunUsd', message: 'must be an amount above 0, 1000.00 at most' }]
}

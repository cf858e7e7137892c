import { z } from 'zod'
import { AppError, type Problem } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { isTimeOfDay } from '../quiet-hours.ts'
import { NOTIFICATION_TYPES, TYPES } from './types.ts'

/** Where somebody may want to hear of things; the web is there for everybody. */
export const NOTIFICATION_CHANNELS = ['telegram', 'slack', 'email', 'web'] as const
export type NotificationChannel = (typeof NOTIFICATION_CHANNELS)[number]

const time = z.string().refine(isTimeOfDay, 'must be a time of day like 07:30')
const channels = z
  .array(z.enum(NOTIFICATION_CHANNELS))
  .min(1, 'must name a channel; null is all that you use')
  .transform((names) => [...new Set(names)])
const ofType = z.strictObject({
  deliver: z.enum(['now', 'digest', 'off']).nullable().exactOptional(),
  channels: channels.nullable().exactOptional(),
})

/** What may be written; what is left out stays, null is what is usual. */
const change = z.strictObject({
  channels: channels.nullable().exactOptional(),
  quietHours: z.strictObject({ from: time, to: time }).nullable().exactOptional(),
  digestAt: time.nullable().exactOptional(),
  types: z.partialRecord(z.enum(NOTIFICATION_TYPES), ofType.nullable()).exactOptional(),
})
export type NotificationChanges = z.input<typeof change>

type OfType = { deliver: 'now' | 'digest' | 'off' | null; channels: NotificationChannel[] | null }

/** How somebody wants to be told. Null, everywhere, is what is usual. */
export type NotificationSettings = {
  channels: NotificationChannel[] | null
  /** Nothing but what is urgent goes out then, by the clocks of the person's own zone. */
  quietHours: { from: string; to: string } | null
  /** Once a day at this time what can wait comes in one message. */
  digestAt: string | null
  types: Record<(typeof NOTIFICATION_TYPES)[number], OfType>
}

const USUAL: OfType = { deliver: null, channels: null }

/** As they are kept, every type with what was chosen for it. */
export function settingsOf(json: string | null): NotificationSettings {
  const kept = JSON.parse(json ?? '{}') as Partial<NotificationSettings>
  const types = NOTIFICATION_TYPES.map((type) => [type, { ...USUAL, ...kept.types?.[type] }])
  return { channels: null, quietHours: null, digestAt: null, ...kept, types: Object.fromEntries(types) }
}

/**
 * The settings after a change, or `bad_input` with every problem. `reachable` are the channels on which the person can be
 * written to alone.
 */
export function changeSettings(
  before: NotificationSettings,
  changes: JsonObject,
  reachable: readonly string[],
): NotificationSettings {
  const { data, error } = change.safeParse(changes)
  if (error) throw refusal(error.issues.flatMap(asProblems))
  const types = { ...before.types }
  for (const type of NOTIFICATION_TYPES) {
    const chosen = data.types?.[type]
    if (chosen !== undefined) types[type] = chosen === null ? USUAL : { ...types[type], ...chosen }
  }
  const { types: _, ...others } = data
  const after: NotificationSettings = { ...before, ...others, types }
  // Who wants no digest any more hears again at once of what was gathered.
  if (data.digestAt === null) {
    for (const type of NOTIFICATION_TYPES) {
      const isNew = data.types?.[type]?.deliver === 'digest'
      if (after.types[type].deliver === 'digest' && !isNew) types[type] = { ...types[type], deliver: null }
    }
  }
  const problems = problemsOf(after, reachable)
  if (problems.length > 0) throw refusal(problems)
  return after
}

function problemsOf(
  { channels: all, quietHours, digestAt, types }: NotificationSettings,
  reachable: readonly string[],
) {
  const problems: Problem[] = unreachable('channels', all, reachable)
  if (quietHours && quietHours.from === quietHours.to) {
    problems.push({ path: 'quietHours.to', message: 'must be another time than from' })
  }
  for (const type of NOTIFICATION_TYPES) {
    const { deliver, channels: own } = types[type]
    const path = `types.${type}`
    problems.push(...unreachable(`${path}.channels`, own, reachable))
    if (TYPES[type].needsAnswer && (deliver === 'off' || deliver === 'digest')) {
      const message = 'waits for your answer: choose its channels instead, it can be neither gathered nor turned off'
      problems.push({ path: `${path}.deliver`, message })
    } else if (deliver === 'digest' && digestAt === null) {
      problems.push({ path: `${path}.deliver`, message: 'needs a time for the digest: set digestAt' })
    }
  }
  return problems
}

const unreachable = (path: string, names: readonly string[] | null, reachable: readonly string[]): Problem[] =>
  (names ?? []).flatMap((name, place) =>
    reachable.includes(name)
      ? []
      : [{ path: `${path}.${place}`, message: `you have no conversation of your own with the bot on ${name} yet` }],
  )

/** Every field that is not known is a problem of its own. */
const asProblems = (issue: z.core.$ZodIssue): Problem[] =>
  'keys' in issue && issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'is unknown' }))
    : [{ path: issue.path.join('.'), message: issue.message }]

function refusal(found: readonly Problem[]): AppError {
  const problems = found.map(({ path, message }) => ({
    path: ['notifications', path].filter(Boolean).join('.'),
    message,
  }))
  const list = problems.map(({ path, message }) => `${path}: ${message}`).join('; ')
  return new AppError('bad_input', `These settings cannot be: ${list}.`, { problems })
}

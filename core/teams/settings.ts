import { z } from 'zod'
import { AppError } from '../errors.ts'
import { parseUsd } from '../money.ts'
import { NOTIFICATION_TYPES } from '../notifications/types.ts'

const toolId = z.string().min(1).max(64)
const usd = z.string().refine((text) => parseUsd(text) !== undefined, 'must be dollars like 12.50')

const settings = z.strictObject({
  /** Which tools run in the team's context; `denied` holds in every mode. */
  toolAccess: z
    .strictObject({
      mode: z.enum(['allow_all', 'deny_all', 'list']),
      allowed: z.array(toolId).max(200).default([]),
      denied: z.array(toolId).max(200).default([]),
    })
    .default({ mode: 'allow_all', allowed: [], denied: [] }),
  /** What members hear of unless they say otherwise; types that are not named are on. */
  notifications: z.partialRecord(z.enum(NOTIFICATION_TYPES), z.boolean()).default({}),
  /** The team is warned each time its available money falls below one of these. */
  lowBalanceUsd: z.array(usd).max(5).default([]),
})

export type TeamSettings = z.output<typeof settings>
export type TeamSettingsChange = Partial<z.input<typeof settings>>

/** As they are stored; what was never set has its usual value. */
export const settingsOf = (settingsJson: string): TeamSettings => settings.parse(JSON.parse(settingsJson))

/** The settings after a change, or `bad_input` with every problem. */
export function changeSettings(before: TeamSettings, change: TeamSettingsChange): TeamSettings {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  const { success, data, error } = settings.safeParse({ ...before, ...given })
  if (success) return data
  const problems = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
  const list = problems.map(({ path, message }) => `${path}: ${message}`).join('; ')
  throw new AppError('bad_input', `These settings cannot be: ${list}.`, { problems })
}

/** Whether a team lets its members use a tool. */
export function isToolAllowed({ toolAccess }: TeamSettings, id: string): boolean {
  if (toolAccess.denied.includes(id) || toolAccess.mode === 'deny_all') return false
  return toolAccess.mode === 'allow_all' || toolAccess.allowed.includes(id)
}

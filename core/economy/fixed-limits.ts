/** Limits of what starts runs by itself: they stay as they were set, so that nobody can be asked for more of them. */
export type FixedLimit = 'schedule_budget' | 'trigger_budget'

export const isFixed = (limit: string): limit is FixedLimit => limit === 'schedule_budget' || limit === 'trigger_budget'

/** `schedule`, `trigger`: whose budget it is. */
export const ownerOfLimit = (limit: FixedLimit): string => limit.replace('_budget', '')

/** Limits that stay as they were set, so that nobody can be asked for more of them. */
export type FixedLimit = 'schedule_budget' | 'trigger_budget' | 'budget'

const OWNERS: Record<FixedLimit, string> = {
  schedule_budget: 'its schedule',
  trigger_budget: 'its trigger',
  budget: 'its context',
}

export const isFixed = (limit: string): limit is FixedLimit => Object.hasOwn(OWNERS, limit)

/** `its schedule`, of a run: whose budget it is. */
export const ownerOfLimit = (limit: FixedLimit): string => OWNERS[limit]

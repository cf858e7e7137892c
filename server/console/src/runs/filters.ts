import type { Me } from '../api/types.ts'

/** Which runs are shown. `statuses` as the API takes them; none for all. */
export const STATES = [
  { key: 'all', label: 'All', statuses: '' },
  { key: 'live', label: 'Going on', statuses: 'queued,running,waiting' },
  { key: 'waiting', label: 'Waiting', statuses: 'waiting' },
  { key: 'done', label: 'Done', statuses: 'succeeded,partially_completed' },
  { key: 'failed', label: 'Failed', statuses: 'failed,payment_failed' },
  { key: 'stopped', label: 'Stopped', statuses: 'cancelled' },
] as const

/** Whose runs somebody may look at: their own and those of their teams. */
export function contextsOf({ accountId, teams, context }: Me) {
  return [
    { type: 'user' as const, id: accountId, label: 'Personal' },
    ...teams.map(({ id, name }) => ({ type: 'team' as const, id, label: name })),
  ].map((one) => ({
    ...one,
    key: `${one.type}/${one.id}`,
    isNow: one.type === context.type && one.id === context.id,
  }))
}

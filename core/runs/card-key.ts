/** A run's name in the queue and as a card; one for both, so that nothing can be woken under a wrong one. */
export const runKey = (runId: string): string => `run:${runId}`

/** The run behind a card or a work item; undefined for other kinds of keys. */
export const runIdOf = (key: string): string | undefined =>
  key.startsWith('run:') ? key.slice('run:'.length) : undefined

const PREFIX = 'plan:'

/** Work on a cycle; also what a run of it is followed by. */
export const cycleKey = (id: string): string => `${PREFIX}${id}`

/** The cycle that an item of work is about; undefined for other work. */
export const cycleOfKey = (key: string): string | undefined =>
  key.startsWith(PREFIX) ? key.slice(PREFIX.length) : undefined

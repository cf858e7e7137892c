const PREFIX = 'words:'

/** The work that looks at what a model has made of somebody's words. */
export const wordsKey = (id: string): string => `${PREFIX}${id}`

export const proposalOfKey = (key: string): string | undefined =>
  key.startsWith(PREFIX) ? key.slice(PREFIX.length) : undefined

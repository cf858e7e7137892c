/** A review's name as a card, and in the queue where its reminders and its end wait. */
export const reviewKey = (reviewId: string): string => `review:${reviewId}`

/** The review behind a card or a work item; undefined for other kinds of keys. */
export const reviewIdOf = (key: string): string | undefined =>
  key.startsWith('review:') ? key.slice('review:'.length) : undefined

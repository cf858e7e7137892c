import type { Part } from '#core/chat/message.ts'

/** A run that ends sooner than this is answered by its result alone. */
const ACCEPTED_AFTER_MS = 60_000

/**
 * What the mail that a card becomes says; undefined for what is no news. Of a run: that it was accepted, when it takes long;
 * that it needs somebody; that it was cancelled. Its result, good or bad, is a message of its own.
 */
export function stageOf(parts: readonly Part[]): 'accepted' | 'needs' | 'over' | 'asks' | undefined {
  const progress = parts.find((part) => part.type === 'progress')
  const asks = parts.some(
    (part) =>
      part.type === 'form' || (part.type === 'buttons' && part.buttons.some(({ token, command }) => token ?? command)),
  )
  if (!progress) return asks ? 'asks' : undefined
  switch (progress.status) {
    case 'pending':
    case 'running':
      return 'accepted'
    case 'waiting':
      // Whoever is needed is asked by another mail; or it says by itself what is missing; else it only takes its time.
      if (progress.isAskedApart) return undefined
      return parts.some((part) => part.type === 'text' && part.style !== 'muted') ? 'needs' : 'accepted'
    case 'cancelled':
      return 'over'
    default:
      return undefined
  }
}

/** How long a card waits for its first mail; Infinity while there is nothing to say. */
export function delayOf(parts: readonly Part[], ageMs: number): number {
  const stage = stageOf(parts)
  if (stage === 'accepted') return Math.max(0, ACCEPTED_AFTER_MS - ageMs)
  const isRun = parts.some((part) => part.type === 'progress')
  return stage === undefined && isRun ? Number.POSITIVE_INFINITY : 0
}

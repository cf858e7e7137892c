import type { Voice } from './voice.ts'

export interface Counted extends Voice {
  /** What it took so far. */
  readonly count: { said: number; tapped: number }
  reset(): void
}

/** A voice that counts what its person has to do. */
export function counting(voice: Voice): Counted {
  const count = { said: 0, tapped: 0 }
  return {
    ...voice,
    count,
    reset: () => Object.assign(count, { said: 0, tapped: 0 }),
    async say(text, file) {
      count.said++
      await voice.say(text, file)
    },
    async press(message, label) {
      count.tapped += message.asking?.includes(label) ? 2 : 1
      await voice.press(message, label)
    },
  }
}

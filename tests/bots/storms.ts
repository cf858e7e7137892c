import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Harness } from './conformance.ts'

/** A harness in which one place can be limited: each call there is answered with the wish to wait, until it is lifted. */
export interface Stormy {
  harness: Harness
  /** Begins a storm over a person's chat, or the group; gives what lifts it. */
  limit(where: string, retryAfterS: number): Promise<() => void>
  /** When a message with these words went out there; undefined while it has not. */
  sentAtMs(where: string, words: string): number | undefined
}

const OTHERS = ['Bob', 'Person1', 'Person2', 'Person3', 'Person4']
const ROUNDS = 3
const EACH = 6
const BETWEEN_MS = 60

/**
 * While there is a storm over Ann's chat the others are answered, each of them, before it ends: how fast, `npm run bench -- chat`
 * says. What Ann is told meanwhile is all there afterwards, in its order, once.
 */
export async function weatherStorms(stormy: Stormy): Promise<void> {
  const { harness } = stormy
  const toAnn: string[] = []
  // Everybody has been spoken with once.
  for (const who of ['Ann', ...OTHERS]) await answered(stormy, who, `hello ${who}`)
  for (let round = 0; round < ROUNDS; round++) {
    const lift = await stormy.limit('Ann', 1)
    for (let at = 0; at < 5; at++) {
      toAnn.push(`ann${round}-${at}`)
      await harness.say(`/echo ann${round}-${at}`)
    }
    await talk(stormy, `storm${round}`)
    expect(
      (await harness.shown()).some(({ text }) => text.startsWith(`ann${round}`)),
      'the storm is one',
    ).toBe(false)
    lift()
    await until(async () => (await harness.shown()).some(({ text }) => text === toAnn.at(-1)))
  }
  expect((await harness.shown()).map(({ text }) => text)).toEqual(['hello Ann', ...toAnn])
}

/** Each of the others says some things, one after the other, and gets its answer before the next. */
async function talk(stormy: Stormy, mark: string): Promise<void> {
  const each = OTHERS.map(async (who, place) => {
    await sleep((place * BETWEEN_MS) / OTHERS.length)
    for (let at = 0; at < EACH; at++) {
      await answered(stormy, who, `${mark}-${at}`)
      await sleep(BETWEEN_MS)
    }
  })
  await Promise.all(each)
}

async function answered({ harness, sentAtMs }: Stormy, who: string, words: string): Promise<void> {
  await harness.say(`/echo ${words}`, { in: who })
  await until(async () => sentAtMs(who, words) !== undefined)
}

async function until(holds: () => Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  for (const untilMs = performance.now() + timeoutMs; !(await holds()); await sleep(10)) {
    if (performance.now() > untilMs) throw new Error('It did not come')
  }
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GivenFile } from './voice.ts'

/** `git log` of this repository as git prints it. */
export const HISTORY = readFileSync(join(import.meta.dirname, '..', 'fixtures', 'history.txt'), 'utf8')

export const HISTORY_FILE: GivenFile = { name: 'history.txt', mediaType: 'text/plain', bytes: Buffer.from(HISTORY) }

/** The commits that a log lists, by their whole hashes, in its order. */
export const hashesOf = (log: string): string[] =>
  [...log.matchAll(/^commit ([0-9a-f]{40})$/gm)].map(([, hash = '']) => hash)

/** The first commits of the history that fit into so many characters, each whole. */
export function historyWithin(charactersMax: number): string {
  const ends = [...HISTORY.matchAll(/^commit /gm)].map(({ index }) => index)
  return HISTORY.slice(
    0,
    ends.findLast((end) => end <= charactersMax),
  )
}

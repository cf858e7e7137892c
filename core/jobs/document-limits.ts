import type { CST } from 'yaml'
import type { Problem } from '#core/errors.ts'
import { joinPath } from '#core/schema-words.ts'

/** A deep definition has about a dozen levels around its values; more than this only fills the stack. */
const DEPTH_MAX = 48
/** Far more than 100 steps need. Aliases may multiply what 256 KiB of text can hold. */
const NODES_MAX = 100_000
const TOKENS_MAX = 50_000
/** Comparing each key with all others takes time with the square of their number. */
const KEYS_MAX = 1_000

/** Why a YAML file shall not be composed, before that is tried: a sentence, or undefined. */
export function tokenProblem(tokens: readonly CST.Token[]): string | undefined {
  const toVisit = tokens.map((token) => ({ token, depth: 0 }))
  let count = 0
  for (let next = toVisit.pop(); next; next = toVisit.pop()) {
    const { token, depth } = next
    if (++count > TOKENS_MAX) return 'The job file has too many parts.'
    if (depth > DEPTH_MAX) return `The job file is nested too deep; at most ${DEPTH_MAX} levels are allowed.`
    if (token.type === 'document' && token.value) toVisit.push({ token: token.value, depth })
    if (!('items' in token)) continue
    if (token.type !== 'block-seq' && token.items.length > KEYS_MAX && token.items.some((item) => item.sep)) {
      return `The job file has an object with more than ${KEYS_MAX} keys.`
    }
    for (const { key, value } of token.items) {
      if (key) toVisit.push({ token: key, depth: depth + 1 })
      if (value) toVisit.push({ token: value, depth: depth + 1 })
    }
  }
  return undefined
}

/** The first thing in a value that JSON cannot hold, or that is too deep or too much. Stands values that contain themselves. */
export function plainProblem(value: unknown): Problem | undefined {
  const toVisit = [{ value, path: '', depth: 0 }]
  let count = 0
  for (let next = toVisit.pop(); next; next = toVisit.pop()) {
    const { value: here, path, depth } = next
    if (++count > NODES_MAX) return { path: '', message: 'The job file has too many parts.' }
    if (depth > DEPTH_MAX)
      return { path: '', message: `The job file is nested too deep; at most ${DEPTH_MAX} levels are allowed.` }
    if (here === null || here === undefined || typeof here === 'string' || typeof here === 'boolean') continue
    if (typeof here === 'number') {
      if (!Number.isFinite(here)) return { path, message: 'must be a number that JSON can hold' }
    } else if (typeof here === 'object' && (Array.isArray(here) || isPlain(here))) {
      for (const [key, child] of Object.entries(here))
        toVisit.push({ value: child, path: joinPath(path, key), depth: depth + 1 })
    } else return { path, message: 'must be something that JSON can hold' }
  }
  return undefined
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

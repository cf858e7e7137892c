import { oneLine } from '../cut.ts'
import { canonicalJson, type Json, type JsonObject } from '../json.ts'
import { readPath } from '../json-path.ts'
import type { TaskItem } from './task.ts'

/** What must be so for one item: something about what stands at a path of the task, `result.ok` for example. */
export type Check = { itemId: string; path: string } & (
  | { equals: Json }
  | { contains: string }
  | { atLeast: number }
  | { atMost: number }
  | { isPresent: boolean }
)

/** `unknown` for an item that no check was given for: nobody has looked. */
export type Verdict = { itemId: string; text: string; verdict: 'passed' | 'failed' | 'unknown'; evidence: string }

const EVIDENCE_MAX = 200

/** A verdict for each item, with what was found. An item with several checks passes when all of them do. */
export function judge(task: JsonObject, items: readonly TaskItem[], checks: readonly Check[]): Verdict[] {
  return items.map(({ id, text }) => {
    const found = checks.filter(({ itemId }) => itemId === id).map((check) => look(task, check))
    if (found.length === 0) return { itemId: id, text, verdict: 'unknown', evidence: 'No check was given for it.' }
    const broken = found.filter(({ isSo }) => !isSo)
    const evidence = (broken.length > 0 ? broken : found).map((one) => one.evidence).join(' ')
    return { itemId: id, text, verdict: broken.length > 0 ? 'failed' : 'passed', evidence }
  })
}

function look(task: JsonObject, check: Check): { isSo: boolean; evidence: string } {
  const value = readPath(task, check.path)
  const evidence =
    value === undefined ? `${check.path} is not there.` : `${check.path} is ${oneLine(wordsOf(value), EVIDENCE_MAX)}.`
  return { isSo: isSo(value, check), evidence }
}

const wordsOf = (value: Json): string => (typeof value === 'string' ? `“${value}”` : JSON.stringify(value))

function isSo(value: Json | undefined, check: Check): boolean {
  if ('isPresent' in check) return (value !== undefined && value !== null) === check.isPresent
  if (value === undefined) return false
  if ('equals' in check) return canonicalJson(value) === canonicalJson(check.equals)
  if ('contains' in check) return holds(value, check.contains)
  // A list and a text count by their length.
  const size = typeof value === 'string' || Array.isArray(value) ? value.length : value
  if (typeof size !== 'number') return false
  return 'atLeast' in check ? size >= check.atLeast : size <= check.atMost
}

const holds = (value: Json, part: string): boolean =>
  typeof value === 'string' ? value.includes(part) : Array.isArray(value) && value.includes(part)

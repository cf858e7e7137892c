import { PARAMETERS_MAX_CHARACTERS } from '../../agents/run/limits.ts'
import { PROPOSALS_MOST } from '../../agents/run/propose.ts'
import { type SavedInputs, shownSaved } from '../../agents/run/saved.ts'
import { oneLine } from '../../cut.ts'
import { sha256 } from '../../ids.ts'
import { canonicalJson, isJsonObject, type JsonObject } from '../../json.ts'
import { WHOLE_CHARACTERS, written } from '../../reviews/whole.ts'

/** Something the result proposes to do to the world; done after approval, once. */
export type Effect = {
  toolId: string
  input: JsonObject
  /** What was saved for its tools when it was shown: it is done with that, whatever is saved later. */
  saved?: SavedInputs
  /** Of tool, input, and which of several alike it is: its name in every run and in every round. */
  hash: string
  status: 'open' | 'done' | 'refused'
  runId: string | null
  /** Why it is not to be done. */
  reason: string | null
  /** Of what the tool was when it was shown: another one is not what was approved. Null before, and where it is refused. */
  definitionHash: string | null
}

/**
 * What a result proposes: the calls that its agent left for later, and what stands as `sideEffects` in an answer that is JSON.
 * What was done in an earlier round is done: the same again is not proposed anew. What was tried keeps its run, which may do it
 * yet.
 */
export function proposedEffects({ value, proposed }: JsonObject, before: readonly Effect[]): Effect[] {
  const said = isJsonObject(value) && Array.isArray(value.sideEffects) ? value.sideEffects : []
  const left = Array.isArray(proposed) ? proposed : []
  const seen = new Map<string, number>()
  const done = before.filter(({ status }) => status === 'done')
  const listed = [...left, ...said].slice(0, PROPOSALS_MOST).map((one): Effect => {
    const toolId = isJsonObject(one) && typeof one.toolId === 'string' ? one.toolId : ''
    const input = isJsonObject(one) && isJsonObject(one.input) ? one.input : {}
    const content = canonicalJson({ toolId, input })
    const number = seen.get(content) ?? 0
    seen.set(content, number + 1)
    const hash = sha256(`${content}#${number}`)
    const same = before.find((effect) => effect.hash === hash)
    if (same?.status === 'done') return same
    return { toolId, input, hash, status: 'open', runId: same?.runId ?? null, reason: null, definitionHash: null }
  })
  const hashes = new Set(listed.map(({ hash }) => hash))
  return [...done.filter(({ hash }) => !hashes.has(hash)), ...listed]
}

/** Of what will not be done, only what is short is shown: it takes no room from what will be. */
const REFUSED_MAX_CHARACTERS = 500
const TOOL_MAX = 100

/** What a review says of them. What is done is not asked about. */
export const shownEffects = (effects: readonly Effect[]): JsonObject[] =>
  effects
    .filter(({ status }) => status !== 'done')
    .map(({ toolId, input, saved = {}, definitionHash, reason }) => ({
      toolId: oneLine(toolId, TOOL_MAX),
      ...(reason === null || written(input).length <= REFUSED_MAX_CHARACTERS ? { input } : {}),
      ...(reason === null ? shownSaved(saved) : {}),
      // Changed by then, it is not what was shown, and is asked about anew.
      ...(definitionHash ? { definition: definitionHash.slice(0, 16) } : {}),
      ...(reason ? { willNotBeDone: reason } : {}),
    }))

/** What cannot be shown to its end, by itself or with all before it, is not done: nobody could approve it. */
export function asFarAsShown(effects: readonly Effect[]): Effect[] {
  const tooLong = (one: Effect): Effect =>
    one.status === 'open' ? { ...one, status: 'refused', reason: TOO_LONG, definitionHash: null } : one
  return effects.reduce((list, one, at) => {
    const { status, input, saved = {} } = one
    if (status !== 'open' || written({ ...shownSaved(saved), input }).length > PARAMETERS_MAX_CHARACTERS) return list
    const longer = list.with(at, one)
    return written(shownEffects(longer)).length > WHOLE_CHARACTERS ? list : longer
  }, effects.map(tooLong))
}

const TOO_LONG = 'It is too long to be shown whole, so nobody can approve it.'

import { PROPOSALS_MOST } from '../../agents/run/propose.ts'
import { sha256 } from '../../ids.ts'
import { canonicalJson, isJsonObject, type JsonObject } from '../../json.ts'

/** Something the result proposes to do to the world; done after approval, once. */
export type Effect = {
  toolId: string
  input: JsonObject
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
 * What was done in an earlier round is done: the same again is not proposed anew.
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
    const open = { toolId, input, hash, status: 'open', runId: null, reason: null, definitionHash: null } as const
    return done.find((effect) => effect.hash === hash) ?? open
  })
  const hashes = new Set(listed.map(({ hash }) => hash))
  return [...done.filter(({ hash }) => !hashes.has(hash)), ...listed]
}

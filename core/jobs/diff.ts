import { isJsonObject, type Json, type JsonObject } from '#core/json.ts'
import { isSame, joinPath } from '#core/schema-words.ts'
import type { JobDefinition } from './definition.ts'

/** One difference. Steps are named by their id, not their place: `steps.format.retry.maxAttempts`. */
export interface Difference {
  path: string
  kind: 'added' | 'removed' | 'changed'
  before?: Json
  after?: Json
}

/**
 * What changed from one definition to another, as few and as deep differences as there are. A step that only moved shows
 * as a change of `steps` with both orders.
 */
export function diffDefinitions(before: JobDefinition, after: JobDefinition): Difference[] {
  const [old, now] = [withNamedSteps(before), withNamedSteps(after)]
  return [...movedSteps(old.steps, now.steps), ...changesIn(old, now, '')]
}

/** Steps as an object by id, so that one more step in front does not make all the others look changed. */
function withNamedSteps(definition: JobDefinition): JsonObject & { steps: JsonObject } {
  const steps = definition.steps.map(({ stepId, ...rest }) => [stepId, rest])
  return { ...definition, steps: Object.fromEntries(steps) } as unknown as JsonObject & { steps: JsonObject }
}

function changesIn(before: Json, after: Json, path: string): Difference[] {
  if (isSame(before, after)) return []
  if (isJsonObject(before) && isJsonObject(after)) return objectDifference(before, after, path)
  if (isListOfObjects(before) && isListOfObjects(after)) return objectDifference(indexed(before), indexed(after), path)
  return [{ path, kind: 'changed', before, after }]
}

function objectDifference(before: JsonObject, after: JsonObject, path: string): Difference[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].flatMap((name): Difference[] => {
    const at = joinPath(path, name)
    const [old, now] = [memberOf(before, name), memberOf(after, name)]
    if (old === undefined) return now === undefined ? [] : [{ path: at, kind: 'added', after: now }]
    return now === undefined ? [{ path: at, kind: 'removed', before: old }] : changesIn(old, now, at)
  })
}

/** The steps that both have, when they stand in another order. */
function movedSteps(before: JsonObject, after: JsonObject): Difference[] {
  const old = Object.keys(before).filter((stepId) => Object.hasOwn(after, stepId))
  const now = Object.keys(after).filter((stepId) => Object.hasOwn(before, stepId))
  return isSame(old, now) ? [] : [{ path: 'steps', kind: 'changed', before: old, after: now }]
}

const memberOf = (value: JsonObject, name: string): Json | undefined =>
  Object.hasOwn(value, name) ? value[name] : undefined

const isListOfObjects = (value: Json): value is JsonObject[] =>
  Array.isArray(value) && value.length > 0 && value.every(isJsonObject)

const indexed = (list: Json[]): JsonObject => Object.fromEntries(list.map((item, index) => [String(index), item]))

import type { JobDefinition } from '#core/jobs/definition.ts'
import type { JsonObject } from '#core/json.ts'
import { RESULT_REVIEW, type RunState } from '../state.ts'
import { type Draft, openDraft, rowOf } from './draft.ts'
import { outputsOf } from './outcome.ts'
import { placeOf, ROUNDS_MAX, roundsAskedOf } from './rounds.ts'
import { inputOf, visibleOutput } from './scope.ts'

/**
 * What a review lays before people, from what its run holds now: the job's outputs; or what is mapped to its step; or,
 * where nothing is, what the steps right before it made.
 */
export function shownInReview(definition: JobDefinition, state: RunState, seq: number): JsonObject {
  const draft = draftFor(definition, state)
  const row = rowOf(draft, seq)
  if (row.stepId === RESULT_REVIEW) return outputsOf(draft)
  const resolved = inputOf(draft, row)
  const mapped = 'input' in resolved ? resolved.input : {}
  if (Object.keys(mapped).length > 0) return mapped
  const before = draft.outline.dependencies[row.parentSeq ?? seq] ?? []
  return Object.fromEntries(
    before.flatMap((place): [string, JsonObject][] => {
      const output = visibleOutput(draft, rowOf(draft, place))
      return output ? [[rowOf(draft, place).stepId, output]] : []
    }),
  )
}

/** Whether anything would be done again if changes were asked for now. */
export function canSendBack(definition: JobDefinition, state: RunState, seq: number): boolean {
  const draft = draftFor(definition, state)
  const row = rowOf(draft, seq)
  const place = placeOf(draft.outline, row)
  return place !== undefined && place.makers.size > 0 && roundsAskedOf(row) < ROUNDS_MAX
}

const draftFor = (definition: JobDefinition, state: RunState): Draft =>
  openDraft(definition, state, {
    nowMs: 0,
    random: () => 0,
    maxParallel: 0,
    retryOf: () => ({ maxAttempts: 1, backoffMs: 0, capMs: 0 }),
  })

import type { JobDefinition } from '#core/jobs/definition.ts'
import type { Json, JsonObject } from '#core/json.ts'
import { type ResolvedInputs, resolveInputs, type Scope } from '../mapping.ts'
import type { RunState, StepState } from '../state.ts'
import { type Draft, failureRuleOf, isFanOut, openDraft, rowOf, stepOf } from './draft.ts'
import { commentFor } from './rounds.ts'

/**
 * The input a step would be started with, from what its run holds now. For showing: a review's payload, a run's page.
 * The step must be one of the definition's or a copy of one.
 */
export function stepInput(definition: JobDefinition, state: RunState, seq: number): ResolvedInputs {
  const draft = openDraft(definition, state, {
    nowMs: 0,
    random: () => 0,
    maxParallel: 0,
    retryOf: () => ({ maxAttempts: 1, backoffMs: 0, capMs: 0 }),
  })
  return inputOf(draft, rowOf(draft, seq))
}

/** The step's input, resolved once per decision. */
export function inputOf(draft: Draft, row: StepState): ResolvedInputs {
  const known = draft.inputs.get(row.seq)
  if (known) return known
  const step = stepOf(draft, row)
  const resolved = step ? resolveInputs(step, scopeOf(draft, row), draft.outline.requiredInputs) : { input: {} }
  draft.inputs.set(row.seq, resolved)
  return resolved
}

/** What a step can see. Only steps that had to end before it: otherwise the same job would give now this, now that. */
export function scopeOf(draft: Draft, row: StepState): Scope {
  const shared = sharedScopeOf(draft, row.parentSeq ?? row.seq)
  if (row.parentSeq === null || row.itemIndex === null) return shared
  const list = listOf(draft, row.parentSeq)
  const item = typeof list === 'string' ? undefined : list[row.itemIndex]
  return item === undefined ? shared : { ...shared, item, index: row.itemIndex }
}

function sharedScopeOf(draft: Draft, seq: number): Scope {
  const known = draft.scopes.get(seq)
  if (known) return known
  const steps: [string, JsonObject][] = []
  for (const ancestor of draft.outline.ancestors[seq] ?? []) {
    const row = rowOf(draft, ancestor)
    const output = visibleOutput(draft, row)
    if (output) steps.push([row.stepId, output])
  }
  const { outline, rows } = draft
  const review = outline.reviews.length > 0 ? { review: commentFor(outline, rows, seq) } : {}
  const scope = { input: draft.before.inputs, steps: Object.fromEntries(steps), ...review }
  draft.scopes.set(seq, scope)
  return scope
}

/**
 * What later steps and the job's outputs see of a step: its output, or its default once it failed and may be passed over.
 * A forEach step that failed as a whole is passed over as one without elements; its default is that of an element.
 */
export function visibleOutput(draft: Draft, row: StepState): JsonObject | undefined {
  if (row.status === 'succeeded') return row.output ?? {}
  if (row.status !== 'failed' || failureRuleOf(draft, row) !== 'continue') return undefined
  return isFanOut(draft, row) ? { items: [] } : stepOf(draft, row)?.default
}

/** The list a forEach step works on, or the sentence that says why there is none. */
export function listOf(draft: Draft, seq: number): Json[] | string {
  const known = draft.lists.get(seq)
  if (known) return known
  const list = findList(draft, rowOf(draft, seq))
  draft.lists.set(seq, list)
  return list
}

function findList(draft: Draft, row: StepState): Json[] | string {
  const source = stepOf(draft, row)?.forEach
  if (!source) return `Step “${row.stepId}” has no list.`
  const scope = sharedScopeOf(draft, row.seq)
  const [holder, name, named] =
    'step' in source
      ? [scope.steps[source.step], source.output, `output “${source.output}” of step “${source.step}”`]
      : [scope.input, source.input, `the run's input “${source.input}”`]
  const value = holder && Object.hasOwn(holder, name) ? holder[name] : undefined
  if (Array.isArray(value)) return value
  const why = value === undefined ? 'is missing' : 'is not a list'
  return `Step “${row.stepId}” works on each element of ${named}, which ${why}.`
}

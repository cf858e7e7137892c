import type { Mapping, StepDefinition } from '#core/jobs/definition.ts'
import type { Json, JsonObject } from '#core/json.ts'
import { renderTemplate } from '#core/tools/liquid.ts'
import { memberOf, readPath } from '../json-path.ts'

/** What a step can see of its run. */
export interface Scope {
  /** The run's inputs. */
  input: JsonObject
  /** Outputs by step id; a step without an output is not in it. */
  steps: Record<string, JsonObject>
  /** In a copy of a forEach step: its element and its place, from 0. */
  item?: Json
  index?: number
  /** In jobs that have a review: what was said when changes were asked for; an empty comment before that. */
  review?: { comment: string; round: number }
}

/** `problem` is one sentence that names the step, the input and the source. */
export type ResolvedInputs = { input: JsonObject } | { problem: string }

/**
 * The input of a step from its mappings. A source that gives nothing falls back to the mapping's default; without one, a
 * run input that is not required leaves the target out (the tool has its own default) and everything else is a problem.
 * An explicit null is a value. `requiredInputs` are the names the job's inputSchema requires.
 */
export function resolveInputs(step: StepDefinition, scope: Scope, requiredInputs?: readonly string[]): ResolvedInputs {
  const entries: [string, Json][] = []
  for (const [target, mapping] of Object.entries(step.inputMappings ?? {})) {
    const found = lookUp(mapping, scope, requiredInputs)
    const value = 'value' in found ? found.value : mapping.default
    if (value !== undefined) entries.push([target, value])
    else if ('missing' in found) return { problem: `Step “${step.stepId}”: input “${target}” ${found.missing}` }
  }
  // fromEntries defines own properties, so a target called __proto__ is only a name.
  return { input: Object.fromEntries(entries) }
}

type Found = { value: Json } | { missing: string } | { leftOut: true }

function lookUp(mapping: Mapping, scope: Scope, requiredInputs: readonly string[] | undefined): Found {
  if ('input' in mapping) return fromInput(mapping.input, scope, requiredInputs)
  if ('step' in mapping) return fromStep(mapping, scope)
  if ('value' in mapping) return { value: mapping.value }
  if ('item' in mapping) return fromItem(mapping.path, scope)
  return fromTemplate(mapping.template, scope)
}

function fromInput(name: string, scope: Scope, requiredInputs: readonly string[] | undefined): Found {
  const value = memberOf(scope.input, name)
  if (value !== undefined) return { value }
  return requiredInputs?.includes(name)
    ? { missing: `needs the run's input “${name}”, which is missing.` }
    : { leftOut: true }
}

function fromStep(source: { step: string; output: string; path?: string }, scope: Scope): Found {
  const output = memberOf(scope.steps, source.step)
  const named = `output “${source.output}” of step “${source.step}”`
  if (output === undefined) return { missing: `needs ${named}, which gave no output.` }
  const whole = memberOf(output, source.output)
  if (whole === undefined) return { missing: `needs ${named}, which did not give it.` }
  const value = source.path === undefined ? whole : readPath(whole, source.path)
  return value === undefined ? { missing: `needs “${source.path}” in ${named}, which is not there.` } : { value }
}

function fromItem(path: string | undefined, scope: Scope): Found {
  if (scope.item === undefined)
    return { missing: 'needs the element of a forEach list, which this step does not have.' }
  const value = path === undefined ? scope.item : readPath(scope.item, path)
  return value === undefined
    ? { missing: `needs “${path}” in the element of its list, which is not there.` }
    : { value }
}

function fromTemplate(template: string, scope: Scope): Found {
  try {
    return { value: renderTemplate(template, scope) }
  } catch (error) {
    return { missing: `has a template that cannot be rendered: ${sentence(error)}` }
  }
}

/** What was thrown as the end of a sentence. */
export function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return /[.!?]$/.test(text) ? text : `${text}.`
}

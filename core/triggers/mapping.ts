import type { Problem } from '../errors.ts'
import type { JobDefinition } from '../jobs/definition.ts'
import type { Json, JsonObject } from '../json.ts'
import { setField } from '../json.ts'
import { readPath } from '../json-path.ts'
import { didYouMean } from '../suggest.ts'
import { checkTemplate, renderTemplate, variablesOf } from '../tools/liquid.ts'
import type { Payload } from './payload.ts'

/** Where the value of one input comes from. */
export type Source = (
  | { header: string }
  /** A path like `release.tag_name`; empty for the whole body. */
  | { body: string }
  /** Liquid over `headers` and `body`. */
  | { template: string }
  | { value: Json }
) & { default?: Json }

/** By the name of the job's input. */
export type TriggerMapping = Record<string, Source>

/** Everything in a mapping that can never work with this job, at once. */
export function mappingProblems(mapping: TriggerMapping, { inputSchema, displayName }: JobDefinition): Problem[] {
  const names = Object.keys(inputSchema.properties ?? {})
  const problems = Object.entries(mapping).flatMap(([name, source]): Problem[] => {
    const path = `mapping.${name}`
    if (!names.includes(name)) {
      return [{ path, message: `is no input of ${displayName}${didYouMean(name, names)}` }]
    }
    const fault = 'template' in source ? templateFault(source.template) : undefined
    return fault === undefined ? [] : [{ path: `${path}.template`, message: fault }]
  })
  for (const name of inputSchema.required ?? []) {
    const hasDefault = inputSchema.properties?.[name]?.default !== undefined
    if (!Object.hasOwn(mapping, name) && !hasDefault) {
      problems.push({ path: `mapping.${name}`, message: `is needed: ${displayName} does not start without it` })
    }
  }
  return problems
}

function templateFault(template: string): string | undefined {
  const fault = checkTemplate(template)
  if (fault !== undefined) return fault
  const foreign = variablesOf(template).find(([root]) => root !== 'headers' && root !== 'body')
  return foreign === undefined ? undefined : `knows headers and body, not ${foreign[0]}`
}

/**
 * What a delivery gives the job, and what is wrong with it, at once. A source that gives nothing falls back to its default;
 * without one the input is left out, and whether that may be is for the job to say.
 */
export function mapPayload(
  mapping: TriggerMapping,
  payload: Payload,
): { inputs: JsonObject; problems: Problem[]; missing: string[] } {
  const inputs: JsonObject = {}
  const problems: Problem[] = []
  const missing: string[] = []
  for (const [name, source] of Object.entries(mapping)) {
    const found = takeFrom(source, payload)
    const value = found.value === undefined ? source.default : found.value
    if (value !== undefined) setField(inputs, name, value)
    else if (found.fault === undefined) missing.push(`${name} (${whereOf(source)} is not there)`)
    else problems.push({ path: name, message: found.fault })
  }
  return { inputs, problems, missing }
}

/** An explicit null is a value. */
function takeFrom(source: Source, { headers, body }: Payload): { value?: Json | undefined; fault?: string } {
  if ('value' in source) return { value: source.value }
  if ('header' in source) {
    const name = source.header.toLowerCase()
    return { value: Object.hasOwn(headers, name) ? headers[name] : undefined }
  }
  if ('body' in source) return { value: source.body === '' ? body : readPath(body, source.body) }
  try {
    return { value: renderTemplate(source.template, { headers, body }) }
  } catch (error) {
    return { fault: `has a template that gives nothing: ${error instanceof Error ? error.message : String(error)}` }
  }
}

function whereOf(source: Source): string {
  if ('header' in source) return `header ${source.header}`
  return 'body' in source && source.body !== '' ? `${source.body} in the body` : 'the body'
}

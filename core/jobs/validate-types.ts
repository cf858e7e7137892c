import type { Problem } from '#core/errors.ts'
import type { Json, JsonObject } from '#core/json.ts'
import type { JsonSchema } from '#core/schema.ts'
import { applyDefaults, checkValue } from '#core/schema-check.ts'
import { fits, namesIn, schemaAt } from '#core/schema-fit.ts'
import { joinPath, TYPE_WORDS } from '#core/schema-words.ts'
import { didYouMean } from '#core/suggest.ts'
import type { Checking } from './checking.ts'
import type { StepDefinition } from './definition.ts'
import type { Read } from './reads.ts'
import { schemaOfRead } from './validate-reads.ts'

/** Every input of every step is known, filled when it must be, and filled with what it can take. */
export function checkInputsOfSteps(checking: Checking): Problem[] {
  return checking.definition.steps.flatMap((step, index) => {
    const schema = checking.types.inputOf(step)
    if (!schema) return []
    const at = `steps.${index}.inputMappings`
    const mappings = step.inputMappings ?? {}
    const problems: Problem[] = []
    for (const name of schema.required ?? []) {
      const hasDefault = schemaAt(schema, [name])?.default !== undefined
      if (hasDefault || Object.hasOwn(mappings, name)) continue
      problems.push({
        path: joinPath(at, name),
        message: `is required by ${calledBy(step)}, but nothing is mapped to it`,
      })
    }
    for (const [name, mapping] of Object.entries(mappings)) {
      const target = schemaAt(schema, [name])
      const path = joinPath(at, name)
      if (!target) {
        const unused = namesIn(schema).filter((known) => !Object.hasOwn(mappings, known))
        problems.push({ path, message: `${calledBy(step)} has no input ${name}${didYouMean(name, unused)}` })
        continue
      }
      if ('value' in mapping) problems.push(...valueProblems(target, mapping.value, `${path}.value`))
      if ('template' in mapping) problems.push(...misfit({ type: 'string' }, target, `${path}.template`, 'a template'))
      if (mapping.default !== undefined) problems.push(...valueProblems(target, mapping.default, `${path}.default`))
    }
    return problems
  })
}

/** Every value that a mapping takes from an input, a step or an element can be what the input it fills asks for. */
export function checkFit(checking: Checking): Problem[] {
  return checking.reads.flatMap((read) => {
    if (!read.reader || read.isLiquid || read.target === undefined) return []
    const inputs = checking.types.inputOf(read.reader)
    const target = inputs && schemaAt(inputs, [read.target])
    const source = schemaOfRead(checking, read)
    return source && target ? misfit(source, target, read.at, nameOf(read)) : []
  })
}

/** forEach goes over lists only. */
export function checkLists(checking: Checking): Problem[] {
  return checking.reads.flatMap((read) => {
    if (!read.at.endsWith('.forEach')) return []
    const type = schemaOfRead(checking, read)?.type
    if (type === undefined || type === 'array') return []
    return [{ path: read.at, message: `goes over ${nameOf(read)}, which is ${TYPE_WORDS[type]}, not a list` }]
  })
}

/** What later steps see of a step that failed and was passed over: there when it is read, and of the step's own shape. */
export function checkFallbacks(checking: Checking): Problem[] {
  return checking.definition.steps.flatMap((step, index) => {
    if (step.onFailure !== 'continue') return []
    const path = `steps.${index}.default`
    const schema = checking.types.resultOf(step)
    // A forEach step gives the elements that went well, in any case a list.
    const needed = step.forEach ? [] : checking.reads.filter((read) => isNeeded(read, step.stepId))
    if (step.default === undefined) {
      const [first] = needed
      return first
        ? [{ path, message: `is required: ${readerOf(first)} reads ${step.stepId}, also when it has failed` }]
        : []
    }
    return [...shapeProblems(schema, step.default, path), ...gapsIn(step.default, needed, path)]
  })
}

const isNeeded = (read: Read, stepId: string): boolean =>
  read.source === 'step' && read.name === stepId && read.reader !== undefined && !read.hasDefault

function shapeProblems(schema: JsonSchema, fallback: JsonObject, path: string): Problem[] {
  return Object.entries(fallback).flatMap(([name, value]) => {
    const output = schemaAt(schema, [name])
    if (output) return checkValue(output, value, joinPath(path, name))
    return [{ path: joinPath(path, name), message: `is no output of the step${didYouMean(name, namesIn(schema))}` }]
  })
}

function gapsIn(fallback: JsonObject, needed: Read[], path: string): Problem[] {
  const gaps = new Map<string, Problem>()
  for (const read of needed) {
    const [output] = read.keys
    if (output === undefined || Object.hasOwn(fallback, output) || gaps.has(output)) continue
    gaps.set(output, {
      path: joinPath(path, output),
      message: `is required: ${readerOf(read)} reads it, also after a failure`,
    })
  }
  return [...gaps.values()]
}

const readerOf = (read: Read): string => `step ${read.reader?.stepId}`

const calledBy = (step: StepDefinition): string =>
  'toolId' in step ? step.toolId : 'jobId' in step ? `job ${step.jobId}` : 'it'

function nameOf(read: Read): string {
  if (read.source === 'input') return ['input', read.name, ...read.keys].join(' ')
  if (read.source === 'item') return ['the element', ...read.keys].join('.')
  return `${read.keys.join('.')} of step ${read.name}`
}

const valueProblems = (schema: JsonSchema, value: Json, path: string): Problem[] =>
  checkValue(schema, applyDefaults(schema, value), path)

function misfit(from: JsonSchema, to: JsonSchema, path: string, what: string): Problem[] {
  const reason = fits(from, to)
  return reason === undefined ? [] : [{ path, message: `${what} ${reason}` }]
}

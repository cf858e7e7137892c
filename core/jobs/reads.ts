import { checkCondition, checkTemplate, variablesOf, variablesOfCondition } from '#core/tools/liquid.ts'
import type { JobDefinition, Mapping, StepDefinition } from './definition.ts'

/** One place of a definition that takes a value from an input, a step or the element of a list. */
export interface Read {
  /** The step that reads; undefined for the job's outputs. */
  reader?: StepDefinition
  /** `steps.1.inputMappings.text` */
  at: string
  source: 'input' | 'step' | 'item'
  /** The input's name or the step's id; empty for an element. */
  name: string
  /** What is taken of it: output, then the way into it. */
  keys: string[]
  /** Where the name, the output and the rest of the way stand, to be blamed one by one. */
  blame: { name: string; output: string; rest: string }
  /** Templates may ask for `size`, `first` and `last`. */
  isLiquid: boolean
  /** Nothing breaks when the source gives nothing. */
  hasDefault: boolean
  /** In a mapping: the input of the step that is filled. */
  target?: string
}

/** A template or condition and where it stands. */
export interface TemplateAt {
  at: string
  template: string
  reader: StepDefinition
  isCondition: boolean
  hasDefault: boolean
  target?: string
}

/** Every template and condition of a definition. */
export function templatesOf(definition: JobDefinition): TemplateAt[] {
  return definition.steps.flatMap((step, index) => {
    const found: TemplateAt[] = []
    for (const [target, mapping] of Object.entries(step.inputMappings ?? {})) {
      if (!('template' in mapping)) continue
      const at = `steps.${index}.inputMappings.${target}.template`
      const hasDefault = mapping.default !== undefined
      found.push({ at, template: mapping.template, reader: step, isCondition: false, hasDefault, target })
    }
    if (step.condition !== undefined) {
      // A name without a value is nil in a condition, so nothing breaks.
      const common = { at: `steps.${index}.condition`, reader: step, isCondition: true, hasDefault: true }
      found.push({ ...common, template: step.condition })
    }
    return found
  })
}

/** What is wrong with the form of a template or condition, as a sentence. */
export const templateFault = ({ template, isCondition }: TemplateAt): string | undefined =>
  isCondition ? (slipIn(template) ?? checkCondition(template)) : checkTemplate(template)

/** Slips that Liquid passes over in silence or in words that help nobody. */
function slipIn(condition: string): string | undefined {
  const bare = condition.replaceAll(/'[^']*'|"[^"]*"/g, 'text').trim()
  if (/[^=!<>]=(?!=)/.test(bare)) return 'compares with =; write == for “is equal to”'
  const [dangling] =
    /(==|!=|[<>]=?|\b(and|or|not|contains))$/.exec(bare) ?? /^(==|!=|[<>]=?|(and|or|contains)\b)/.exec(bare) ?? []
  return dangling === undefined ? undefined : `has nothing on one side of ${dangling}`
}

/** The paths that a sound template or condition reads. */
export const variablesIn = ({ template, isCondition }: TemplateAt): string[][] =>
  isCondition ? variablesOfCondition(template) : variablesOf(template)

/** Every read of a definition. Templates that are broken read nothing. */
export function readsOf(definition: JobDefinition): Read[] {
  return [
    ...definition.steps.flatMap((step, index) => [...mappingReads(step, index), ...forEachReads(step, index)]),
    ...templatesOf(definition).flatMap(templateReads),
    ...Object.entries(definition.outputs).map(([name, output]) => stepRead(`outputs.${name}`, output, {})),
  ]
}

function mappingReads(step: StepDefinition, index: number): Read[] {
  return Object.entries(step.inputMappings ?? {}).flatMap(([target, mapping]): Read[] => {
    const at = `steps.${index}.inputMappings.${target}`
    const more = { reader: step, target, hasDefault: mapping.default !== undefined }
    if ('input' in mapping) return [inputRead(at, mapping.input, more)]
    if ('step' in mapping) return [stepRead(at, mapping, more)]
    return 'item' in mapping ? [itemRead(at, mapping, more)] : []
  })
}

function forEachReads(step: StepDefinition, index: number): Read[] {
  if (!step.forEach) return []
  const at = `steps.${index}.forEach`
  return [
    'step' in step.forEach
      ? stepRead(at, step.forEach, { reader: step })
      : inputRead(at, step.forEach.input, { reader: step }),
  ]
}

type More = Partial<Pick<Read, 'reader' | 'target' | 'hasDefault'>>

const COMMON = { isLiquid: false, hasDefault: false }

const inputRead = (at: string, name: string, more: More): Read => ({
  ...COMMON,
  ...more,
  at,
  source: 'input',
  name,
  keys: [],
  blame: { name: `${at}.input`, output: at, rest: at },
})

const stepRead = (at: string, from: { step: string; output: string; path?: string }, more: More): Read => ({
  ...COMMON,
  ...more,
  at,
  source: 'step',
  name: from.step,
  // An output that could not be read leaves nothing to look for in the step.
  keys: from.output === undefined ? [] : [from.output, ...keysOf(from.path)],
  blame: { name: `${at}.step`, output: `${at}.output`, rest: `${at}.path` },
})

const itemRead = (at: string, mapping: Extract<Mapping, { item: true }>, more: More): Read => ({
  ...COMMON,
  ...more,
  at,
  source: 'item',
  name: '',
  keys: keysOf(mapping.path),
  blame: { name: `${at}.item`, output: `${at}.path`, rest: `${at}.path` },
})

const keysOf = (path: string | undefined): string[] => path?.split('.').filter((key) => key !== '') ?? []

function templateReads(place: TemplateAt): Read[] {
  if (templateFault(place) !== undefined) return []
  const { at, reader, hasDefault, target } = place
  const common = {
    at,
    reader,
    hasDefault,
    isLiquid: true,
    blame: { name: at, output: at, rest: at },
    ...(target && { target }),
  }
  return variablesIn(place).flatMap(([root, name, ...keys]): Read[] => {
    if (root === 'item')
      return [{ ...common, source: 'item', name: '', keys: name === undefined ? [] : [name, ...keys] }]
    if (name === undefined || (root !== 'input' && root !== 'steps')) return []
    return [{ ...common, source: root === 'input' ? 'input' : 'step', name, keys }]
  })
}

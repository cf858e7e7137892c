import type { Problem } from '#core/errors.ts'
import type { JsonSchema } from '#core/schema.ts'
import { namesIn, schemaAt } from '#core/schema-fit.ts'
import { didYouMean } from '#core/suggest.ts'
import type { Checking } from './checking.ts'
import { hasReviews } from './definition.ts'
import { ancestorsOf, isGraph } from './graph.ts'
import { type Read, templateFault, templatesOf, variablesIn } from './reads.ts'

/** Every read leads somewhere: a known input, a step that has ended by then, an output that it has. */
export function checkReads(checking: Checking): Problem[] {
  const checks = { input: inputProblems, step: stepProblems, item: itemProblems }
  return checking.reads.flatMap((read) => checks[read.source](checking, read))
}

/** Templates and conditions can be parsed and speak only of what there is. */
export function checkTemplates(checking: Checking): Problem[] {
  return templatesOf(checking.definition).flatMap((place) => {
    const fault = templateFault(place)
    if (fault !== undefined) return [{ path: place.at, message: fault }]
    const isCopy = place.reader.forEach !== undefined && !place.isCondition
    const roots = [
      ...(isCopy ? ['input', 'steps', 'item', 'index'] : ['input', 'steps']),
      ...(hasReviews(checking.definition) ? ['review'] : []),
    ]
    const unknown = variablesIn(place).flatMap(([root]) => (root === undefined || roots.includes(root) ? [] : [root]))
    return [...new Set(unknown)].map((root) => ({
      path: place.at,
      message: rootMessage(root, place.isCondition, roots),
    }))
  })
}

function rootMessage(root: string, isCondition: boolean, roots: string[]): string {
  if (root !== 'item' && root !== 'index')
    return `speaks of ${root}, but only ${roots.join(', ')} are known${didYouMean(root, roots)}`
  return isCondition
    ? `speaks of ${root}, but a condition is asked once, before the list is gone through`
    : `speaks of ${root}, which only steps with forEach have`
}

function inputProblems({ definition: { inputSchema } }: Checking, read: Read): Problem[] {
  if (schemaAt(inputSchema, [read.name]) === undefined) {
    return [
      {
        path: read.blame.name,
        message: `there is no input ${read.name}${didYouMean(read.name, namesIn(inputSchema))}`,
      },
    ]
  }
  return wayProblems(schemaAt(inputSchema, [read.name]) ?? {}, read, `input ${read.name}`, read.keys)
}

function stepProblems(checking: Checking, read: Read): Problem[] {
  const { plan, types, stepIds } = checking
  const wrong = (message: string): Problem[] => [{ path: read.blame.name, message }]
  if (!stepIds.has(read.name)) return wrong(`there is no step ${read.name}${didYouMean(read.name, stepIds)}`)
  const { reader } = read
  if (reader?.stepId === read.name) return wrong('is the step itself, which has no output yet')
  const late: Problem[] = []
  if (reader && !ancestorsOf(plan, reader.stepId).has(read.name)) {
    late.push(
      ...wrong(
        isGraph(checking.definition)
          ? `${read.name} is not among the dependencies of ${reader.stepId}, so it may not have ended; add it to them`
          : `${read.name} comes after ${reader.stepId}; steps run in order unless they have dependencies`,
      ),
    )
  }
  const [output, ...rest] = read.keys
  if (output === undefined) return late
  const schema = types.outputOf(read.name)
  const found = schemaAt(schema, [output], { liquid: read.isLiquid })
  if (found === undefined) {
    const message = `step ${read.name} has no output ${output}${didYouMean(output, namesIn(schema))}`
    return [...late, { path: read.blame.output, message }]
  }
  return [...late, ...wayProblems(found, read, `${output} of step ${read.name}`, rest)]
}

function itemProblems({ types }: Checking, read: Read): Problem[] {
  const item = read.reader && types.itemOf(read.reader)
  if (item) return wayProblems(item, read, 'the element', read.keys)
  // Templates are told by checkTemplates.
  return read.isLiquid ? [] : [{ path: read.blame.name, message: 'needs forEach: only then there is an element' }]
}

function wayProblems(schema: JsonSchema, read: Read, what: string, keys: string[]): Problem[] {
  for (let length = 1; length <= keys.length; length++) {
    const way = keys.slice(0, length)
    if (schemaAt(schema, way, { liquid: read.isLiquid }) !== undefined) continue
    const parent = schemaAt(schema, way.slice(0, -1), { liquid: read.isLiquid }) ?? {}
    const key = way.at(-1) ?? ''
    return [
      { path: read.blame.rest, message: `${what} has nothing at ${way.join('.')}${didYouMean(key, namesIn(parent))}` },
    ]
  }
  return []
}

/** The schema of what a read gives, or undefined when it leads nowhere. */
export function schemaOfRead({ definition, types }: Checking, read: Read): JsonSchema | undefined {
  const liquid = { liquid: read.isLiquid }
  if (read.source === 'input') return schemaAt(definition.inputSchema, [read.name, ...read.keys], liquid)
  if (read.source === 'step') return schemaAt(types.outputOf(read.name), read.keys, liquid)
  const item = read.reader && types.itemOf(read.reader)
  return item && schemaAt(item, read.keys, liquid)
}

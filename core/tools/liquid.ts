import { Context, isTruthy, type Template, toValueSync, type Variable } from 'liquidjs'
import type { JsonObject } from '#core/json.ts'
import { parseConditionText } from './liquid-condition.ts'
import { createEngine, nowOf, RENDER_TIME_MS, TEMPLATE_CHARS_MAX } from './liquid-engine.ts'
import { ThreadTimeLimit } from './liquid-time.ts'
import { ToolError } from './tool.ts'

const engine = createEngine()

export interface RenderOptions {
  /** What `'now'` means to date filters. Without it they refuse: a template then gives the same text for ever. */
  nowMs?: number
}

/**
 * Fills a Liquid template. Synchronous and within limits; changes nothing in the scope. Throws a ToolError: `bad_input` for
 * a broken template or a name without a value, `limit_exceeded` for one that is too large, too slow or too hungry.
 */
export function renderTemplate(template: string, scope: object, options: RenderOptions = {}): string {
  return explained('template', () => {
    const context = contextOf(scope, { strictVariables: true })
    if (options.nowMs !== undefined) nowOf.set(context, options.nowMs)
    return String(toValueSync(engine.renderer.renderTemplates(parse(template), context)))
  })
}

/** What is wrong with a template, as a sentence, without rendering it; undefined when nothing is. */
export const checkTemplate = (template: string): string | undefined =>
  problemIn(() => explained('template', () => parse(template)))

/**
 * Whether a condition holds, written as inside `{% if … %}`. Names without a value are nil; as everywhere in Liquid only
 * false and nil do not hold. Throws like `renderTemplate`.
 */
export function evaluateCondition(condition: string, scope: object): boolean {
  return explained('condition', () => {
    const context = contextOf(scope, { strictVariables: false })
    return isTruthy(toValueSync(parseCondition(condition).value(context)), context)
  })
}

/** What is wrong with a condition, as a sentence, without evaluating it; undefined when nothing is. */
export const checkCondition = (condition: string): string | undefined =>
  problemIn(() => explained('condition', () => parseCondition(condition)))

/**
 * The paths a valid template reads from its scope, each once: `{{ input.items[0].title }}` → `['input', 'items', '0',
 * 'title']`. A path ends before a part that is only known when rendering. Names the template sets itself are not among them.
 */
export const variablesOf = (template: string): string[][] => explained('template', () => pathsIn(parse(template)))

/** The same for a condition. */
export const variablesOfCondition = (condition: string): string[][] =>
  explained('condition', () => {
    parseCondition(condition)
    return pathsIn(parse(`{% if ${condition} %}{% endif %}`))
  })

function pathsIn(templates: Template[]): string[][] {
  const { globals } = engine.analyzeSync(templates, { partials: false })
  const paths = Object.values(globals).flat().map(pathOf)
  return [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()]
}

function pathOf({ segments }: Variable): string[] {
  const dynamic = segments.findIndex((segment) => typeof segment === 'object')
  return (dynamic < 0 ? segments : segments.slice(0, dynamic)).map(String)
}

/** A copy of the scope's top, because `increment` writes into it. */
const contextOf = (scope: object, { strictVariables }: { strictVariables: boolean }): Context =>
  new Context(
    { ...(scope as JsonObject) },
    engine.options,
    { sync: true, strictVariables },
    {
      liquid: engine,
      // Of its limiter Liquid only calls `check`.
      renderLimit: new ThreadTimeLimit(RENDER_TIME_MS) as unknown as Context['renderLimit'],
    },
  )

/** The templates of a job are rendered again and again; parsing costs more than rendering. */
const PARSED_MAX = 500
const PARSED_CHARS_MAX = 4_096

const parse = remembering((template) => {
  if (template.length > TEMPLATE_CHARS_MAX) throw tooLong('template')
  return engine.parse(template)
})

const parseCondition = remembering((condition) => parseConditionText(engine, condition))

function remembering<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const made = make(text)
    if (text.length <= PARSED_CHARS_MAX) known.set(text, made)
    // A map keeps its order, so the first key is the oldest.
    if (known.size > PARSED_MAX) known.delete(known.keys().next().value as string)
    return made
  }
}

function problemIn(check: () => unknown): string | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function explained<T>(what: string, work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    throw toToolError(what, thrown)
  }
}

/** Liquid's message ends in the place: `undefined variable: x, line:1, col:4`. */
const PLACE = /^(.*?), line:(\d+), col:(\d+)$/s

function toToolError(what: string, thrown: unknown): ToolError {
  const original = (thrown as { originalError?: unknown }).originalError
  if (original instanceof ToolError) return original
  if (thrown instanceof ToolError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  if (/maximum call stack/i.test(message)) return stopped(what, 'it is nested too deep')
  if (/invalid string length|memory alloc limit/i.test(message)) return stopped(what, 'it makes too much text')
  if (/template render limit/.test(message)) return stopped(what, 'it takes too long')
  const [, reason = message, line, column] = PLACE.exec(message) ?? []
  const place = line === undefined || what === 'condition' ? '' : `Line ${line}, column ${column}: `
  return new ToolError('bad_input', `${place}${sentence(reason)}`)
}

function sentence(reason: string): string {
  const missing = /^undefined variable: (.*)$/s.exec(reason)?.[1]
  return missing === undefined ? `${reason.replace(/\.$/, '')}.` : `“${missing}” has no value.`
}

const stopped = (what: string, why: string): ToolError =>
  new ToolError('limit_exceeded', `The ${what} was stopped: ${why}.`)

const tooLong = (what: string): ToolError => new ToolError('limit_exceeded', `The ${what} is too long.`)

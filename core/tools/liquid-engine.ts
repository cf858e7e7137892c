import { type Context, filters, Liquid, type Template } from 'liquidjs'
import { ToolError } from './tool.ts'

/** Rendering happens on the server's own thread, so every limit is one that nobody notices. */
export const TEMPLATE_CHARS_MAX = 64 * 1024
const OUTPUT_CHARS_MAX = 5 * 1024 * 1024
/** Characters and list elements that filters may make in one rendering. */
const MEMORY_UNITS_MAX = 10_000_000
const LIST_ITEMS_MAX = 100_000
export const RENDER_TIME_MS = 500

/** Tags that read other templates. There are none, so they are unknown words like any other. */
const TAGS_REMOVED = ['render', 'include', 'layout', 'block']
/** A template gives the same text each time. */
const FILTERS_REMOVED = ['sample']

/** The time `'now' | date` means in a rendering; templates without one do not know the time. */
export const nowOf = new WeakMap<Context, number>()

/**
 * Liquid with nothing to reach: no files, own properties only, UTC, limits on time, memory, lists and output.
 * Reads of what is not there fail, except under `default` and in conditions.
 */
export function createEngine(): Liquid {
  const engine = new Liquid({
    templates: {},
    relativeReference: false,
    dynamicPartials: false,
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: true,
    lenientIf: true,
    groupedExpressions: true,
    timezoneOffset: 0,
    locale: 'en-US',
    parseLimit: TEMPLATE_CHARS_MAX,
    memoryLimit: MEMORY_UNITS_MAX,
  })
  for (const tag of TAGS_REMOVED) delete engine.tags[tag]
  for (const name of FILTERS_REMOVED) engine.unregisterFilter(name)
  for (const name of Object.keys(engine.filters)) limitFilter(engine, name)
  const { renderer } = engine
  const renderTemplates = renderer.renderTemplates.bind(renderer)
  // Also what `capture` collects goes through the counting emitter.
  renderer.renderTemplates = (templates: Template[], context: Context, emitter) =>
    renderTemplates(templates, context, emitter ?? createEmitter())
  return engine
}

type FilterFunction = (this: { context: Context }, value: unknown, ...args: unknown[]) => unknown

/** Keeps lists small, because sorting and comparing them is where work grows, and gives date filters the given time. */
function limitFilter(engine: Liquid, name: string): void {
  const filter = (filters as Record<string, FilterFunction | { handler: FilterFunction; raw: boolean }>)[name]
  if (filter === undefined) return
  const handler = typeof filter === 'function' ? filter : filter.handler
  function limited(this: { context: Context }, value: unknown, ...args: unknown[]): unknown {
    checkList(value)
    const result = handler.call(this, name.startsWith('date') ? timed(value, this.context) : value, ...args)
    checkList(result)
    return result
  }
  engine.registerFilter(name, typeof filter === 'function' ? limited : { ...filter, handler: limited })
}

function checkList(value: unknown): void {
  if (Array.isArray(value) && value.length > LIST_ITEMS_MAX) {
    throw new ToolError('limit_exceeded', `A list in a template may have at most ${LIST_ITEMS_MAX} items.`)
  }
}

function timed(value: unknown, context: Context): unknown {
  if (value !== 'now' && value !== 'today') return value
  const nowMs = nowOf.get(context)
  if (nowMs === undefined)
    throw new ToolError('bad_input', `“${value}” is not known here: pass the time in as an input.`)
  return Math.floor(nowMs / 1000)
}

/** Collects the output and stops when there is too much of it. Lists run together as in Liquid; objects show as JSON. */
function createEmitter() {
  return {
    buffer: '',
    write(value: unknown): void {
      if (value === undefined || value === null) return
      if (Array.isArray(value)) for (const item of value) this.write(item)
      else this.buffer += typeof value === 'object' ? JSON.stringify(value) : String(value)
      if (this.buffer.length > OUTPUT_CHARS_MAX) {
        throw new ToolError('limit_exceeded', 'The template was stopped: its text is larger than 5 MiB.')
      }
    },
  }
}

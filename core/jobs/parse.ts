import { Composer, LineCounter, Parser } from 'yaml'
import type { Problem } from '#core/errors.ts'
import type { JsonObject } from '#core/json.ts'
import type { JobDefinition } from './definition.ts'
import { plainProblem, tokenProblem } from './document-limits.ts'
import { readDefinition } from './read-definition.ts'

const SOURCE_BYTES_MAX = 256 * 1024
const ALIASES_MAX = 50
const SYNTAX_PROBLEMS_MAX = 20

/**
 * A job file (YAML or JSON text, fenced or not) or an object as a definition, or every problem of its shape at once.
 * Problems of syntax name line and column and have an empty path. Tools, prices and what steps read are checked by
 * validateDefinition. Never throws.
 */
export function parseDefinition(source: string | JsonObject): { definition?: JobDefinition; problems: Problem[] } {
  const { value, problems } = parseDocument(source)
  if (problems.length > 0) return { problems }
  const { draft, reading } = readDefinition(value)
  return reading.problems.length > 0 ? { problems: reading.problems } : { definition: draft, problems: [] }
}

/** Text or object as plain JSON of limited size and depth; its meaning is not looked at. */
export function parseDocument(source: unknown): { value?: unknown; problems: Problem[] } {
  const parsed = typeof source === 'string' ? parseText(source) : { value: source, problems: [] }
  if (parsed.problems.length > 0) return parsed
  const problem = plainProblem(parsed.value)
  return problem ? { problems: [problem] } : parsed
}

function parseText(source: string): { value?: unknown; problems: Problem[] } {
  if (Buffer.byteLength(source) > SOURCE_BYTES_MAX) return whole('The job file is larger than 256 KiB.')
  const text = unfenced(source)
  const lines = new LineCounter()
  // The parser keeps its own stack; what composes its tokens recurses, so depth and size are checked in between.
  const tokens = [...new Parser(lines.addNewLine).parse(text)]
  const tooMuch = tokenProblem(tokens)
  if (tooMuch) return whole(tooMuch)
  const composer = new Composer({ schema: 'core', stringKeys: true, prettyErrors: false, resolveKnownTags: false })
  const [document, second] = composer.compose(tokens, true, text.length)
  if (!document || document.contents === null) return whole('The job file is empty.')
  if (second) return whole('The job file has more than one document; keep one and take out the lines with ---.')
  const faults = [...document.errors, ...document.warnings]
  if (faults.length > 0) {
    return {
      problems: faults.slice(0, SYNTAX_PROBLEMS_MAX).map(({ code, message, pos }) => {
        const { line, col } = lines.linePos(pos[0])
        return { path: '', message: `Line ${line}, column ${col}: ${SAY[code] ?? message.replace('"quote', 'quote')}.` }
      }),
    }
  }
  try {
    return { value: document.toJS({ maxAliasCount: ALIASES_MAX }), problems: [] }
  } catch (error) {
    return whole(
      error instanceof ReferenceError && error.message.startsWith('Unresolved')
        ? `${error.message}.`
        : 'The job file repeats its parts by aliases (*name) too often; write them out.',
    )
  }
}

const whole = (message: string): { problems: Problem[] } => ({ problems: [{ path: '', message }] })

const SAY: Record<string, string> = {
  DUPLICATE_KEY: 'the same key stands here a second time',
  TAG_RESOLVE_FAILED: 'tags (!name) are not allowed',
  NON_STRING_KEY: 'a key must be plain text',
  TAB_AS_INDENT: 'lines must be indented with spaces, not tabs',
}

/** Job files pasted into a chat often stand between ``` lines. */
function unfenced(source: string): string {
  const text = source.replace(/^\uFEFF/, '')
  const fenced = /^\s*```[a-z]*[ \t]*\r?\n([\s\S]*?)\r?\n[ \t]*```\s*$/i.exec(text)
  return fenced?.[1] ?? text
}

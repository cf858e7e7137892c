import { normalise } from './normalise.ts'

/** One example of the API guide: what is typed, and the part of the answer that is shown. */
export interface Example {
  /** The line of the document it begins on, for messages. */
  line: number
  command: string
  shown: Answer
  /** Names for later examples → where in the answer they stand: `RUN` → `id`, `FIRST` → `items.0.id`. */
  keep: Record<string, string>
}

export interface Answer {
  /** `202 Accepted` */
  status: string
  /** Lower case names. In an example only those that are shown. */
  headers: Record<string, string>
  /** JSON when it is some, else text; undefined when there is none. */
  body: unknown
}

const EXAMPLE =
  /^```sh\n(?<command>[^`]*?\bcurl [^`]*?)\n```\n\n(?:<!-- keep (?<keep>[^>]*) -->\n)?```http\n(?<answer>[\s\S]*?)\n```$/gm

export function examplesIn(document: string): Example[] {
  return [...document.matchAll(EXAMPLE)].map(({ groups = {}, index }) => ({
    line: document.slice(0, index).split('\n').length,
    command: groups.command ?? '',
    shown: readAnswer(groups.answer ?? ''),
    keep: Object.fromEntries((groups.keep ?? '').split(' ').flatMap((pair) => (pair ? [pair.split('=')] : []))),
  }))
}

/** The document with other answers under its examples, in their order. */
export function withAnswers(document: string, answers: readonly Answer[]): string {
  let index = 0
  return document.replaceAll(EXAMPLE, (whole: string, ...rest) => {
    const { answer = '' } = rest.at(-1) as Record<string, string>
    const next = answers[index++]
    return next ? whole.replace(`\`\`\`http\n${answer}\n`, () => `\`\`\`http\n${writeAnswer(next)}\n`) : whole
  })
}

/** As curl prints it with `--include`, and as the guide shows it: a status line, headers, an empty line, the body. */
export function readAnswer(text: string): Answer {
  const [head = '', ...rest] = text.replaceAll('\r\n', '\n').split('\n\n')
  const [status = '', ...lines] = head.split('\n')
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  return {
    status: status.replace(/^HTTP\/[\d.]+ /, ''),
    headers: Object.fromEntries(headers),
    body: bodyOf(rest.join('\n\n')),
  }
}

function bodyOf(text: string): unknown {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text.trim()
  }
}

function writeAnswer({ status, headers, body }: Answer): string {
  const lines = Object.entries(headers).map(([name, value]) => `${titled(name)}: ${value}`)
  const shown = body === undefined ? [] : ['', typeof body === 'string' ? body : written(body)]
  return [status, ...lines, ...shown].join('\n')
}

const titled = (name: string): string => name.replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase())

const WIDTH = 110

/** JSON with what fits on a line on one line. */
export function written(value: unknown, indent = ''): string {
  const flat = oneLine(value)
  if (indent.length + flat.length <= WIDTH || typeof value !== 'object' || value === null) return flat
  const deeper = `${indent}  `
  const inside = Array.isArray(value)
    ? value.map((item) => deeper + written(item, deeper))
    : Object.entries(value).map(([name, item]) => `${deeper}${JSON.stringify(name)}: ${written(item, deeper)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return `${open}\n${inside.join(',\n')}\n${indent}${close}`
}

function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const inside = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${oneLine(item)}`)
  return inside.length === 0 ? '{}' : `{ ${inside.join(', ')} }`
}

/** Of the real answer the part that the example shows: the same fields, and of lists as many as stand there. */
function project(shown: unknown, actual: unknown): unknown {
  if (Array.isArray(shown) && Array.isArray(actual)) {
    return shown.slice(0, actual.length).map((item, index) => project(item, actual[index]))
  }
  if (isObject(shown) && isObject(actual)) {
    const kept = Object.entries(shown).filter(([name]) => name in actual)
    return Object.fromEntries(kept.map(([name, item]) => [name, project(item, actual[name])]))
  }
  return actual
}

export const projectAnswer = (shown: Answer, actual: Answer): Answer => ({
  status: actual.status,
  headers: project(shown.headers, actual.headers) as Record<string, string>,
  body: projectBody(shown.body, actual.body),
})

function projectBody(shown: unknown, actual: unknown): unknown {
  if (shown === undefined) return undefined
  // Of text the beginning: a stream has no end.
  const isBeginning =
    typeof shown === 'string' && typeof actual === 'string' && normalise(actual).startsWith(normalise(shown))
  return isBeginning ? shown : project(shown, actual)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What stands at `items.0.id`. */
export function valueAt(body: unknown, path: string): string {
  const found = path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], body)
  if (typeof found !== 'string') throw new Error(`There is no text at ${path}`)
  return found
}

/** Ids and codes are long and different each time: shown shortened. */
export const shortened = (text: string): string =>
  text
    .replaceAll(
      /(?<![a-z])(acc|art|breq|dlv|end|fire|inv|job|key|lse|msg|ntf|prov|rule|run|sch|task|team|trg|tr|var)_[\w-]{8,}/g,
      '$1_…',
    )
    .replaceAll(/\bmst_\w{36}/g, 'mst_…')

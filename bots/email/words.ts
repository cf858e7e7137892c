import { bindArguments } from '#commands/grammar/arguments.ts'
import { renderLine } from '#commands/grammar/render.ts'
import { parseLine } from '#commands/grammar.ts'
import { commandNamed } from '#commands/index.ts'
import { filledLines } from './form-text.ts'

/** What a mail says, as the one grammar of all channels has it. */
export interface Said {
  text: string
  /** From a `team:` line, or the address it was sent to. */
  context?: string
}

/** Words that decide something are not taken for that in a mail that answers nothing. */
const DECIDING = new Set(['approve', 'reject', 'requestchanges', 'choose', 'answer', 'accept', 'confirm'])
const DECISION = /^(approve|reject|request changes)(?:\s*[:,.–-]\s*|\s+|$)(.*)$/i
const LABELLED = /^([A-Za-z][\w-]{0,63})[ \t]*:(?:[ \t]+(.*)|[ \t]*)$/

/**
 * A command stands in the subject or in the first line, with a slash or without; below it come `name: value` lines or a JSON
 * block, and then the text. A reply is read by its own words: its subject is that of the thread.
 */
export function readWords(subject: string, body: string, { isReply }: { isReply: boolean }): Said {
  const title = subject.replace(/^\s*((re|aw|sv|fwd?|wg)\s*:\s*)+/i, '').trim()
  const own = body.trim()
  if (!isReply && isCommand(title, { isReply })) return join(title, own)
  const [first = '', ...rest] = own.split('\n')
  const decided = isReply ? readDecision(first, rest) : undefined
  if (decided !== undefined) return { text: decided }
  if (isCommand(first, { isReply })) return join(first, rest.join('\n'))
  if (isReply) return { text: own }
  return { text: [title, own].filter(Boolean).join('\n') }
}

/** `approve`, `reject too long`, `request changes: shorter`; all that follows is the reason. */
function readDecision(first: string, rest: readonly string[]): string | undefined {
  const [, verb, reason = ''] = DECISION.exec(first.trim()) ?? []
  if (verb === undefined) return undefined
  const text = [reason, ...rest].join('\n').trim()
  return renderLine(verb.toLowerCase().replace(' ', ''), text === '' ? {} : { text })
}

/**
 * Only known words are commands, with what such a command takes: a subject like any other is not taken for one. A job is named
 * after `run`, or by a slash.
 */
function isCommand(line: string, { isReply }: { isReply: boolean }): boolean {
  if (parseLine(line).kind === 'command') return true
  const bare = parseLine(line, { bare: true })
  const command = bare.kind === 'command' ? commandNamed(bare.name) : undefined
  if (bare.kind !== 'command' || !command || (!isReply && DECIDING.has(command.name))) return false
  // `Run the report for me` is said to somebody.
  if (/^run\s+(the|a|an|my|our|it|that)\s/i.test(line)) return false
  return bare.tokens.length === 0 || bindArguments(bare, command).ok
}

function join(head: string, body: string): Said {
  const line = head.startsWith('/') ? head : `/${head}`
  const given = readJson(body.trim()) ?? readLabelled(body.trim())
  if (!given) return { text: withWhatFits(line, body.trim() === '' ? line : `${line}\n${body}`) }
  const { team, ...values } = given.values
  const flags = renderLine('x', { flags: values }).slice(2)
  const text = withWhatFits(line, `${line}${flags}${given.rest === '' ? '' : `\n${given.rest}`}`)
  return team ? { text, context: `team:${team}` } : { text }
}

/** Below a command stand greetings, names and telephone numbers: what only makes it wrong is no part of it. */
const withWhatFits = (line: string, whole: string): string => (problemsOf(whole) > problemsOf(line) ? line : whole)

function problemsOf(text: string): number {
  const line = parseLine(text)
  const command = line.kind === 'command' ? commandNamed(line.name) : undefined
  const bound = line.kind === 'command' && command ? bindArguments(line, command) : undefined
  return bound && !bound.ok ? bound.problems.length : 0
}

interface Given {
  values: Record<string, string>
  rest: string
}

/** A block of JSON: the whole body, or between fences; undefined when it is none. */
function readJson(body: string): Given | undefined {
  const fenced = /^```(?:json)?\n([\s\S]*?)\n```\s*/.exec(body)
  const json = fenced?.[1] ?? (/^\{[\s\S]*\}$/.test(body) ? body : undefined)
  if (json === undefined) return undefined
  try {
    const value: unknown = JSON.parse(json)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    const values = Object.entries(value).map(([name, one]) => [
      name,
      typeof one === 'string' ? one : JSON.stringify(one),
    ])
    if (values.some(([name]) => !/^[A-Za-z][\w-]{0,63}$/.test(name ?? ''))) return undefined
    return { values: Object.fromEntries(values), rest: fenced ? body.slice(fenced[0].length).trim() : '' }
  } catch {
    return undefined
  }
}

/** `name: value` lines up to the first line that is none; what follows is the text. */
function readLabelled(body: string): Given | undefined {
  const values: Record<string, string> = {}
  const lines = body.split('\n')
  let at = 0
  for (; at < lines.length; at++) {
    const [, name, value = ''] = LABELLED.exec(lines[at] ?? '') ?? []
    if (name === undefined || value.startsWith('//')) break
    // A name that comes twice is no name: commits and minutes are written like that.
    if (name in values) return undefined
    values[name] = value.trim()
  }
  if (at === 0) return undefined
  return { values, rest: lines.slice(at).join('\n').trim() }
}

/**
 * What stands behind the names of a form's fields, each up to the next name; what was answered stands above what is quoted.
 * `written` is the form as it stood in our mail.
 */
export function readForm(text: string, names: readonly string[], written = ''): Record<string, string> {
  const given: { name: string; lines: string[] }[] = []
  for (const line of filledLines(text, names, written)) {
    const [, label, value = ''] = LABELLED.exec(line) ?? []
    const name = names.find((one) => one.toLowerCase() === label?.toLowerCase())
    if (name !== undefined) given.push({ name, lines: [value] })
    else given.at(-1)?.lines.push(line)
  }
  const values = new Map<string, string>()
  for (const { name, lines } of given) {
    const value = lines.join('\n').trim()
    if (value !== '' && value !== '…' && !values.has(name)) values.set(name, value)
  }
  return Object.fromEntries(values)
}

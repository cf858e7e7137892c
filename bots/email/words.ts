import { bindArguments } from '#commands/grammar/arguments.ts'
import { renderLine } from '#commands/grammar/render.ts'
import { parseLine } from '#commands/grammar.ts'
import { commandNamed } from '#commands/index.ts'
import { closingOf, isGreeting } from './courtesy.ts'
import { filledLines, LABELLED } from './form-text.ts'

/** What a mail says, as the one grammar of all channels has it. */
export interface Said {
  text: string
  /** From a `team:` line, or the address it was sent to. */
  context?: string
}

/** Words that decide something are not taken for that in a mail that answers nothing. */
const DECIDING = new Set(['approve', 'reject', 'requestchanges', 'choose', 'answer', 'accept', 'confirm'])
const DECISION = /^(approve|reject|request changes)(?:\s*[:,.–-]\s*|\s+|$)(.*)$/i

/**
 * A command stands in the subject or in the first line, with a slash or without; below it come `name: value` lines or a JSON
 * block, and then the text. A reply is read by its own words: its subject is that of the thread.
 */
export function readWords(
  subject: string,
  body: string,
  { isReply, hasFiles }: { isReply: boolean; hasFiles: boolean },
): Said {
  const title = subject.trim()
  const own = body.trim()
  const [first = '', ...rest] = own.split('\n')
  if (!isReply && isCommand(title, { isReply })) {
    // Some say it in both places.
    return join(title, isSaidAgain(title, first) ? rest.join('\n').trim() : own, hasFiles)
  }
  const decided = isReply ? readDecision(first, rest) : undefined
  if (decided !== undefined) return { text: decided }
  if (isCommand(first, { isReply })) return join(first, rest.join('\n'), hasFiles)
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

function isSaidAgain(title: string, line: string): boolean {
  const [one, other] = [title, line].map((said) => said.trim().replace(/^\//, '').split(/\s+/).join(' ').toLowerCase())
  return one === other
}

function join(head: string, body: string, hasFiles: boolean): Said {
  // `Balance?` is the command with nothing behind it.
  const line = head.startsWith('/') ? head : `/${head.replace(/^([a-z][\w-]*)[?!.]+\s*$/i, '$1')}`
  const { values: given, rest } = readBelow(line, body, hasFiles)
  if (!given) return { text: withWhatFits(line, rest.trim() === '' ? line : `${line}\n${rest}`) }
  const { team, ...values } = given
  const flags = renderLine('x', { flags: values }).slice(2)
  const text = withWhatFits(line, `${line}${flags}${rest === '' ? '' : `\n${rest}`}`)
  return team ? { text, context: `team:${team}` } : { text }
}

/**
 * The values below a command, and its text. A closing at the end is no text unless it is all there is, nor is a greeting before
 * values. Where a file came with a job, neither is a letter around it: words that are greeted with or closed, without
 * `name: value`. Behind words that decide, all is what somebody says about it.
 */
function readBelow(line: string, body: string, hasFiles: boolean): { values?: Record<string, string>; rest: string } {
  const parsed = parseLine(line)
  const command = parsed.kind === 'command' ? commandNamed(parsed.name) : undefined
  if (command && DECIDING.has(command.name)) return readGiven(body.trim()) ?? { rest: body }
  const lines = body.split('\n')
  const first = lines.findIndex((one) => one.trim() !== '')
  const end = closingOf(lines)
  const isClosed = end !== undefined && end > first
  const own = isClosed ? lines.slice(0, end) : lines
  const isGreeted = isGreeting(lines[first] ?? '')
  const behind = own
    .slice(first + 1)
    .join('\n')
    .trim()
  if (isGreeted && isClosed && behind === '') return { rest: '' }
  const whole = isClosed ? own.join('\n').trimEnd() : body
  const given = readGiven(whole.trim()) ?? (isGreeted ? readGiven(behind) : undefined) ?? { rest: whole }
  const takesFile = hasFiles && (!command || command.takesInputs === true)
  const isLetter = takesFile && (isGreeted || end !== undefined)
  return isLetter && !given.rest.split('\n').some((one) => LABELLED.test(one)) ? { ...given, rest: '' } : given
}

const readGiven = (body: string): Given | undefined => readJson(body) ?? readLabelled(body)

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

/**
 * `name: value` lines up to the first line that is none; what follows is the text. Blank lines between them are skipped: mail
 * that is only HTML has one after each. Behind a blank line they count only as long as there is nothing else up to the next.
 */
function readLabelled(body: string): Given | undefined {
  const values: Record<string, string> = {}
  const lines = body.split('\n')
  let at = 0
  for (; at < lines.length; at++) {
    const label = labelIn(lines[at] ?? '')
    if (!label) break
    // A name that comes twice is no name: commits and minutes are written like that.
    if (Object.hasOwn(values, label.name)) return undefined
    values[label.name] = label.value
  }
  if (at === 0) return undefined
  for (let block = blockAfter(lines, at, values); block; block = blockAfter(lines, at, values)) {
    Object.assign(values, block.values)
    at = block.end
  }
  return { values, rest: lines.slice(at).join('\n').trim() }
}

/** The lines up to the next blank one, behind the blank ones here, if all of them give something new. */
function blockAfter(lines: readonly string[], blank: number, known: Record<string, string>) {
  const isBlank = (index: number) => lines[index]?.trim() === ''
  let at = blank
  while (isBlank(at)) at += 1
  if (at === blank || at >= lines.length) return undefined
  const values: Record<string, string> = {}
  for (; at < lines.length && !isBlank(at); at++) {
    const label = labelIn(lines[at] ?? '')
    if (!label || Object.hasOwn(known, label.name) || Object.hasOwn(values, label.name)) return undefined
    values[label.name] = label.value
  }
  return { values, end: at }
}

function labelIn(line: string): { name: string; value: string } | undefined {
  const [, name, value = ''] = LABELLED.exec(line) ?? []
  return name === undefined || value.startsWith('//') ? undefined : { name, value: value.trim() }
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

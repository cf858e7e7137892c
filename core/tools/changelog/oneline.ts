import type { LoggedCommit } from './commit.ts'
import { hasKnownType } from './types.ts'

/** A hash, perhaps behind the branches of `--graph` or a list marker, then the subject. */
const LINE = /^(?:[|/\\ ]*\*[-.|\\/ ]* |\s*[*+-] +|\s*)([0-9a-f]{7,64})(?:\s+(.*))?$/
const GRAPH_ONLY = /^[\s|/\\_*.-]*$/

/** `--format=reference`: the subject and a date in brackets. */
const REFERENCE = /^\((.*), \d{4}-\d{2}-\d{2}\)$/
/** What a popular alias puts behind the subject: `(3 days ago) <Ada>`. */
const AGE_AND_AUTHOR = / \([^()]* ago\)(?: <[^<>]*>)?$/

export const isOneline = (lines: string[]): boolean => lines.some((line) => LINE.test(line))

/** One commit a hash. Lines without one belong to the commit above; before the first they are commits if they look like it. */
export function readOneline(lines: string[]): LoggedCommit[] {
  const commits: LoggedCommit[] = []
  const matches = lines.map((line) => LINE.exec(line)).filter((match) => match !== null)
  // An alias that writes `hash - subject` does so on every line.
  const isDashed = matches.every((match) => match[2]?.startsWith('- '))
  for (const line of lines) {
    const [, hash, rest] = LINE.exec(line) ?? []
    const current = commits.at(-1)
    if (hash !== undefined)
      commits.push({ hash, message: subjectOf((rest ?? '').slice(isDashed ? 2 : 0)), isMerge: false })
    else if (GRAPH_ONLY.test(line) && line.trim() !== '') continue
    else if (current) current.message += `\n${line}`
    else if (hasKnownType(line.trim())) commits.push({ message: line.trim(), isMerge: false })
  }
  for (const commit of commits) commit.message = commit.message.trimEnd()
  return commits
}

function subjectOf(rest: string): string {
  const reference = REFERENCE.exec(rest)
  if (reference) return reference[1] ?? ''
  return withoutDecoration(rest.replace(AGE_AND_AUTHOR, '').trimStart()).trim()
}

/** `(HEAD -> main, tag: v1.0)` goes; a subject that begins with brackets of its own stays. */
function withoutDecoration(text: string): string {
  const [whole, names, subject] = /^\(([^()]+)\) (.*)$/.exec(text) ?? []
  if (whole === undefined || names === undefined || subject === undefined) return text
  const isDecoration = /^HEAD\b|tag: |^(?:main|master|develop|trunk)$|^[\w.-]+\/[\w./-]+(?:, |$)/.test(names)
  return isDecoration || hasKnownType(subject) ? subject : text
}

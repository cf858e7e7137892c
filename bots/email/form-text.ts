import { ANSWER_WITH, FILL_IN } from './our-words.ts'

/** `name: value`, or the name with its value below. */
export const LABELLED = /^([A-Za-z][\w-]{0,63})[ \t]*:(?:[ \t]+(.*)|[ \t]*)$/
const PROBLEM = /^# ✗ /
/** As many lines as a program breaks one of ours into. */
const LINES_MAX = 12

/**
 * The lines of a mail that fill in a form, without what the form says itself. `written` is the form as we write it into a mail:
 * a line with a `#` that is none of ours is a heading of somebody's text.
 */
export function filledLines(text: string, names: readonly string[], written: string): string[] {
  const lines = text.split('\n')
  const ours = written.split('\n')
  const notes = ours.filter((line) => line.startsWith('#')).map(squeezed)
  const begins = ours.filter((line) => line.endsWith(FILL_IN)).map(squeezed)
  const above = new Set(ours.slice(0, ours.findIndex((line) => line.endsWith(FILL_IN)) + 1).map(squeezed))
  const isNamed = (line: string): boolean => {
    const name = LABELLED.exec(line)?.[1]?.toLowerCase()
    return name !== undefined && names.some((one) => one.toLowerCase() === name)
  }
  const isAnswer = (line: string): boolean => isNamed(line) && !above.has(squeezed(line))

  let kept: string[] = []
  let hasAnswer = false
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    const begun = linesOf(lines, at, begins)
    if (hasAnswer) {
      // What follows the form, or stands above it where it was answered above.
      if (linesOf(lines, at, [squeezed(ANSWER_WITH)]) > 0 || /^-- ?$/.test(line)) return kept
      if (begun > 0) return withoutEnd(kept, above)
    }
    if (begun > 0) kept = []
    const noted = notesAt(lines, at, notes)
    // A heading of an answer may say the same as a note of ours, but stands above no field.
    if (noted.count > 0 && noted.below !== undefined && !isNamed(noted.below))
      for (const own of lines.slice(at, at + noted.count)) kept.push(own)
    if (begun + noted.count === 0) {
      kept.push(line)
      hasAnswer ||= isAnswer(line)
    } else at += Math.max(begun, noted.count) - 1
  }
  return kept
}

/** How many lines from here on are notes of ours, and the line below them. */
function notesAt(
  lines: readonly string[],
  at: number,
  notes: readonly string[],
): { count: number; below: string | undefined } {
  let end = at
  let next = at
  while (next < lines.length) {
    const line = lines[next] ?? ''
    const count = linesOf(lines, next, notes) || (PROBLEM.test(line) ? 1 : 0)
    if (count === 0 && (end === at || line.trim() !== '')) break
    next += Math.max(count, 1)
    if (count > 0) end = next
  }
  return { count: end - at, below: lines[next] }
}

/** How many lines from here on are one of these lines, which a program may have broken; none: 0. */
function linesOf(lines: readonly string[], at: number, wanted: readonly string[]): number {
  let whole = ''
  let found = 0
  for (let count = 1; count <= LINES_MAX; count++) {
    const line = squeezed(lines[at + count - 1] ?? '')
    whole += line
    if (line === '' || !wanted.some((one) => one.startsWith(whole))) break
    if (wanted.includes(whole)) found = count
  }
  return found
}

function withoutEnd(kept: readonly string[], above: ReadonlySet<string>): string[] {
  const last = kept.findLastIndex((line) => line.trim() !== '' && !above.has(squeezed(line)))
  return kept.slice(0, last + 1)
}

const squeezed = (line: string): string => line.replaceAll(/\s+/g, '')

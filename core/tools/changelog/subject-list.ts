import type { LoggedCommit } from './commit.ts'
import { hasKnownType } from './types.ts'

const MARKER = /^\s*(?:[-*+•]\s+)?/

/** Subjects without hashes, one a line, as people type them. One conventional subject tells them from prose. */
export const isSubjectList = (lines: string[]): boolean => lines.some((line) => hasKnownType(line.replace(MARKER, '')))

export const readSubjectList = (lines: string[]): LoggedCommit[] =>
  lines
    .map((line) => line.replace(MARKER, '').trim())
    .filter((subject) => subject !== '')
    .map((message) => ({ message, isMerge: false }))

import { ToolError } from '../tool.ts'
import type { LoggedCommit } from './commit.ts'
import { isGitLog, readGitLog } from './git-log.ts'
import { readJsonCommits } from './json-lines.ts'
import { isOneline, readOneline } from './oneline.ts'
import { isSubjectList, readSubjectList } from './subject-list.ts'

/**
 * The commits of `git log` (any built-in format, `--oneline`, with `--graph` or without), of JSON lines, or of a plain list
 * of subjects, in their order. Throws `bad_input` when there are none.
 */
export function readCommits(text: string): LoggedCommit[] {
  const clean = cleanText(text)
  if (clean.trim() === '') throw new ToolError('bad_input', `There are no commits in an empty text. ${HELP}`)
  const fromJson = readJsonCommits(clean)
  if (fromJson) return nonEmpty(fromJson)
  const lines = clean.split('\n')
  if (isGitLog(lines)) return readGitLog(lines)
  if (isOneline(lines)) return readOneline(lines)
  if (isSubjectList(lines)) return readSubjectList(lines)
  return nonEmpty([])
}

const HELP = 'Paste the output of `git log` or `git log --oneline`, or JSON lines with a "subject" each.'

function nonEmpty(commits: LoggedCommit[]): LoggedCommit[] {
  if (commits.length === 0) throw new ToolError('bad_input', `No commits were found in the text. ${HELP}`)
  return commits
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const COLOURS = /\u001b\[[0-9;]*[A-Za-z]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const CONTROLS = /[\u0001-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/g

/** One kind of line break (`git log -z` separates by NUL), no terminal colours, nothing invisible that turns text around. */
const cleanText = (text: string): string =>
  text
    .replace(COLOURS, '')
    .replace(/\r\n?|\u2028|\u2029/g, '\n')
    .replaceAll('\0', '\n')
    .replace(CONTROLS, '')

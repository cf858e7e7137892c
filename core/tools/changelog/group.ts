import { CommitParser } from 'conventional-commits-parser'
import type { LoggedCommit } from './commit.ts'
import { CONVENTIONAL, SECTIONS, type SectionType, sectionOf } from './types.ts'

/** A commit as the changelog shows it: people's words, not yet escaped for Markdown. */
export interface ChangelogCommit {
  hash?: string
  scope?: string
  subject: string
  breaking: boolean
  /** What the BREAKING CHANGE footers say. */
  notes?: string[]
}

export interface ChangelogGroup {
  title: string
  type: SectionType
  commits: ChangelogCommit[]
}

/** Every commit in exactly one group; groups in the order of SECTIONS, without empty ones. */
export function groupCommits(commits: LoggedCommit[]): ChangelogGroup[] {
  const parser = createParser()
  const groups = new Map<SectionType, ChangelogCommit[]>(SECTIONS.map(({ type }) => [type, []]))
  for (const commit of commits) {
    const { section, entry } = classify(parser, commit)
    groups.get(entry.breaking ? 'breaking' : section)?.push(entry)
  }
  return SECTIONS.map(({ type, title }) => ({ title, type, commits: groups.get(type) ?? [] })).filter(
    ({ commits }) => commits.length > 0,
  )
}

const createParser = (): CommitParser =>
  new CommitParser({
    headerPattern: CONVENTIONAL,
    headerCorrespondence: ['type', 'scope', 'mark', 'subject'],
    // Upper case and a colon, as the convention has it: “breaking change in the weather” is prose.
    notesPattern: (keywords) => new RegExp(`^(${keywords}):[ \\t]*(.*)`),
    // The parser's own fields (`-hash-`) would let a body overwrite what was read from the header.
    fieldPattern: /(?!)/,
  })

/** Git's own subjects for commits that undo others. */
const GIT_REVERT = /^Revert "(.+)"$/

const NO_SUBJECT = '(no message)'

function classify(
  parser: CommitParser,
  { hash, message, isMerge }: LoggedCommit,
): { section: SectionType; entry: ChangelogCommit } {
  const header = message.split('\n', 1)[0]?.trim() || NO_SUBJECT
  const named = (section: SectionType, entry: Omit<ChangelogCommit, 'hash'>): ReturnType<typeof classify> => ({
    section,
    entry: { ...(hash === undefined ? {} : { hash }), ...entry },
  })
  if (isMerge || message.trim() === '') return named('other', { subject: header, breaking: false })
  const commit = parser.parse(message)
  const notes = commit.notes.map((note) => note.text.replace(/\s+/g, ' ').trim()).filter((note) => note !== '')
  const breaking = commit.mark === '!' || commit.notes.length > 0
  const shared = { breaking, ...(notes.length > 0 ? { notes } : {}) }
  const reverted = GIT_REVERT.exec(header)?.[1]
  if (reverted !== undefined) return named('revert', { subject: reverted, ...shared })
  const section = commit.type ? sectionOf(commit.type) : 'other'
  // A type without a section says something, so it stays in the subject.
  if (section === 'other') return named('other', { subject: header, ...shared })
  const scope = commit.scope?.trim()
  return named(section, { ...(scope ? { scope } : {}), subject: commit.subject?.trim() || header, ...shared })
}

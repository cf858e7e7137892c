import { escapeHeading, escapeItem, escapeText } from './escape.ts'
import type { ChangelogCommit, ChangelogGroup } from './group.ts'

const HASH_LENGTH = 7

/** The changelog as Markdown that markdownlint has nothing against and prettier leaves as it is. */
export function changelogMarkdown(title: string, groups: ChangelogGroup[]): string {
  const sections = groups.map(({ type, title, commits }) => {
    const heading = type === 'breaking' ? `⚠️ ${title}` : title
    return `## ${heading}\n\n${commits.map(item).join('\n')}\n`
  })
  return [`# ${escapeHeading(title)}\n`, ...sections].join('\n')
}

function item({ hash, scope, subject, notes = [] }: ChangelogCommit): string {
  const text = scope === undefined ? escapeItem(subject) : `**${escapeText(scope)}:** ${escapeText(subject)}`
  const place = hash === undefined ? '' : ` (\`${hash.slice(0, HASH_LENGTH)}\`)`
  return [`- ${text}${place}`, ...notes.map((note) => `  - ${escapeItem(note)}`)].join('\n')
}

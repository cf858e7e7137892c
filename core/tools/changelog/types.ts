/** The sections of a changelog in their order. `breaking` and `other` are not types of commits. */
export const SECTIONS = [
  { type: 'breaking', title: 'Breaking changes' },
  { type: 'feat', title: 'Features' },
  { type: 'fix', title: 'Fixes' },
  { type: 'perf', title: 'Performance' },
  { type: 'docs', title: 'Documentation' },
  { type: 'refactor', title: 'Refactoring' },
  { type: 'test', title: 'Tests' },
  { type: 'build', title: 'Build' },
  { type: 'ci', title: 'CI' },
  { type: 'chore', title: 'Chores' },
  { type: 'revert', title: 'Reverts' },
  { type: 'other', title: 'Other changes' },
] as const

export type SectionType = (typeof SECTIONS)[number]['type']

/** What people write before the colon, in lower case, and where it goes. */
const TYPES = new Map<string, SectionType>([
  ['feat', 'feat'],
  ['feature', 'feat'],
  ['fix', 'fix'],
  ['bugfix', 'fix'],
  ['hotfix', 'fix'],
  ['perf', 'perf'],
  ['docs', 'docs'],
  ['doc', 'docs'],
  ['refactor', 'refactor'],
  ['test', 'test'],
  ['tests', 'test'],
  ['build', 'build'],
  ['ci', 'ci'],
  ['chore', 'chore'],
  ['revert', 'revert'],
])

/** `type(scope)!: subject`. The scope may hold brackets; the first `):` ends it. */
export const CONVENTIONAL = /^([a-z][\w-]*)(?:\((.*?)\))?(!)?:\s*(\S.*)$/i

export const sectionOf = (type: string): SectionType => TYPES.get(type.toLowerCase()) ?? 'other'

/** True for a conventional subject whose type has a section, and so for little else that people write. */
export function hasKnownType(subject: string): boolean {
  const [, type] = CONVENTIONAL.exec(subject) ?? []
  return type !== undefined && TYPES.has(type.toLowerCase())
}

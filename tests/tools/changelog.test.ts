import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { ChangelogGroup } from '#core/tools/changelog/group.ts'
import { changelog } from '#core/tools/kinds/changelog.ts'
import { format } from '#core/tools/kinds/format.ts'
import { lint } from '#core/tools/kinds/lint.ts'
import { runTool } from '#core/tools/run.ts'
import { contextFor, describeTool } from './conformance.ts'

const fixture = (name: string): string => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8')

/** A log of 67 commits written by git 2.x: merges, reverts, an empty message, notes, decorations, hostile subjects. */
const COMMITS = 67
const LOG = fixture('git-log.txt')
const HASHES = [...LOG.matchAll(/^commit ([0-9a-f]{40})/gm)].map((match) => match[1]?.slice(0, 7))

interface Changelog {
  markdown: string
  groups: ChangelogGroup[]
  count: number
}

async function changelogOf(commits: string, title?: string): Promise<Changelog> {
  const input = title === undefined ? { commits } : { commits, title }
  return (await runTool(changelog, input, contextFor())).output as unknown as Changelog
}

const groupOf = ({ groups }: Changelog, type: string): ChangelogGroup | undefined =>
  groups.find((group) => group.type === type)
const subjectsOf = (log: Changelog, type: string): string[] =>
  groupOf(log, type)?.commits.map(({ subject }) => subject) ?? []

describeTool(changelog, {
  rateMicros: 1_000n,
  examples: [
    {
      name: 'two lines',
      input: { commits: 'abc1234 feat(api): one\ndef5678 fix: two', title: 'v1' },
      output: {
        markdown: '# v1\n\n## Features\n\n- **api:** one (`abc1234`)\n\n## Fixes\n\n- two (`def5678`)\n',
        groups: [
          {
            title: 'Features',
            type: 'feat',
            commits: [{ hash: 'abc1234', scope: 'api', subject: 'one', breaking: false }],
          },
          { title: 'Fixes', type: 'fix', commits: [{ hash: 'def5678', subject: 'two', breaking: false }] },
        ],
        count: 2,
      },
    },
    { name: 'a log', input: { commits: LOG }, output: { count: COMMITS } },
    { name: 'subjects alone', input: { commits: '- feat: one\n- wip' }, output: { count: 2 } },
  ],
  refused: [
    { name: 'no commits', input: {}, names: 'commits is required' },
    { name: 'an empty text', input: { commits: ' \n ' }, names: /no commits in an empty text.*git log/ },
    {
      name: 'prose',
      input: { commits: 'Dear team,\nplease find attached: nothing.' },
      names: /No commits were found.*git log/,
    },
    {
      name: 'a broken JSON line',
      input: { commits: '{"subject":"feat: a"}\n{"subject":' },
      names: 'Line 2 is not valid JSON.',
    },
    {
      name: 'JSON without a subject',
      input: { commits: '{"hash":"abc1234"}' },
      names: 'Line 1 has no "subject" or "message".',
    },
    { name: 'an empty title', input: { commits: 'feat: a', title: '' }, names: 'title must not be empty' },
    {
      name: 'a log of 65 KiB',
      input: { commits: 'feat: a\n'.repeat(8_400) },
      code: 'limit_exceeded',
      names: 'The log is 66 KiB; docs.changelog takes at most 64 KiB.',
    },
  ],
  hostile: [
    { name: 'words that look like references', input: { commits: `abc1234 ${'fixes #1 '.repeat(7_000)}` } },
    { name: 'brackets without end', input: { commits: `abc1234 feat(${'('.repeat(60_000)}` } },
    { name: 'white space without end', input: { commits: `${' '.repeat(60_000)}x\nabc1234 feat: x` } },
    { name: 'stars without end', input: { commits: `feat: ${'*a_ '.repeat(15_000)}` } },
    {
      name: 'fields of the parser',
      input: { commits: 'commit abcdef1\n\n    feat: x\n\n    -__proto__-\n    y\n    -type-\n    fix\n' },
    },
  ],
})

describe('every commit is counted once', () => {
  it.each(['git-log.txt', 'git-log-oneline.txt', 'git-log-graph.txt', 'git-log-raw.txt', 'git-log-alias.txt'])(
    'in %s',
    async (name) => {
      const log = await changelogOf(fixture(name))
      const commits = log.groups.flatMap((group) => group.commits)
      expect(log.count).toBe(COMMITS)
      expect(commits.map(({ hash }) => hash?.slice(0, 7)).sort()).toEqual(HASHES.toSorted())
      expect(log.markdown.match(/^- /gm)).toHaveLength(COMMITS)
    },
  )

  it('also when a chat took the indentation away', async () => {
    const flat = LOG.split('\n')
      .map((line) => line.trim())
      .join('\n')
    expect((await changelogOf(flat)).groups).toEqual((await changelogOf(LOG)).groups)
  })

  it('also with Windows line breaks, colours, or nothing but hash and message', async () => {
    const bare = LOG.replace(/^(Author|Date):.*\n/gm, '')
    const coloured = LOG.replace(/^commit [0-9a-f]+/gm, '\u001b[33m$&\u001b[m')
    for (const text of [LOG.replaceAll('\n', '\r\n'), bare, coloured]) {
      expect((await changelogOf(text)).groups).toEqual((await changelogOf(LOG)).groups)
    }
  })

  it('also from JSON lines', async () => {
    const commits = (await changelogOf(LOG)).groups.flatMap((group) => group.commits)
    const lines = commits.map(({ hash, subject }) => JSON.stringify({ hash, subject: `feat: ${subject}`, body: 'x' }))
    expect((await changelogOf(lines.join('\n'))).count).toBe(COMMITS)
    expect((await changelogOf(`[${lines.join(',')}]`)).count).toBe(COMMITS)
  })
})

describe('commits find their section', async () => {
  const log = await changelogOf(LOG, 'Release notes')

  it('in the order of the convention', () => {
    expect(log.groups.map(({ title, commits }) => `${title} ${commits.length}`)).toEqual([
      'Breaking changes 4',
      'Features 14',
      'Fixes 12',
      'Performance 2',
      'Documentation 4',
      'Refactoring 1',
      'Tests 3',
      'Build 1',
      'CI 2',
      'Chores 5',
      'Reverts 2',
      'Other changes 17',
    ])
  })

  it('breaking changes with what breaks', () => {
    expect(
      groupOf(log, 'breaking')?.commits.map(({ subject, notes, breaking }) => ({ subject, notes, breaking })),
    ).toEqual([
      { subject: 'require Node 24', notes: undefined, breaking: true },
      { subject: 'round up, never down', notes: ['quotes may be one micro-dollar higher.'], breaking: true },
      { subject: 'rename wallet to account', notes: undefined, breaking: true },
      {
        subject: 'drop the v1 routes',
        notes: ['clients must call /v2. The old paths answer 410 for one release and are gone after it.'],
        breaking: true,
      },
    ])
    expect(log.markdown).toMatch(/^# Release notes\n\n## ⚠️ Breaking changes\n\n- require Node 24/)
  })

  it('prose about breaking changes is prose', () => {
    expect(subjectsOf(log, 'feat')).toContain('forEach')
  })

  it('merges, unknown types, fixups and empty messages under other changes', () => {
    expect(subjectsOf(log, 'other')).toEqual(
      expect.arrayContaining([
        "Merge branches 'octo-a' and 'octo-b'",
        'Merge pull request #41 from acme/fix/zone',
        'style: semicolons nobody wanted',
        'fixup! feat(jobs): forEach',
        'Reapply "feat(cards): edit in place"',
        '(no message)',
        '🚀 launch',
      ]),
    )
  })

  it('reverts by git and by hand', () => {
    expect(subjectsOf(log, 'revert')).toEqual(['feat(telegram): topics', 'feat(cards): edit in place'])
  })

  it('scopes as they were written', () => {
    const scopes = log.groups.flatMap(({ commits }) => commits.map(({ scope }) => scope))
    expect(scopes).toEqual(expect.arrayContaining(['core/tools, api', 'scope(with brackets)', 'spaced scope', 'Jobs']))
  })

  it('and the document passes our own linter and formatter', async () => {
    for (const title of ['Release notes', 'Features', "What's new?!", 'C#', '# *x* <!channel>', 'Notes for v1.2.']) {
      const { markdown } = await changelogOf(LOG, title)
      expect((await runTool(lint, { text: markdown }, contextFor())).output).toEqual({ findings: [], ok: true })
      expect((await runTool(format, { text: markdown }, contextFor())).output).toEqual({
        text: markdown,
        changed: false,
      })
    }
  })
})

describe('other logs', () => {
  it('keeps a subject that begins with brackets of its own', async () => {
    const log = await changelogOf(
      'abc1234 (HEAD -> main, tag: v1.0) feat: one\nabc1235 (see below) two\nabc1236 (fix/zone) fix: three',
    )
    expect(log.groups.flatMap(({ commits }) => commits.map(({ subject }) => subject))).toEqual([
      'one',
      'three',
      '(see below) two',
    ])
  })

  it('reads what GitHub answers', async () => {
    const commit = {
      sha: 'A'.repeat(40),
      commit: { message: 'feat: one\n\nBREAKING CHANGE: all of it' },
      parents: [{}],
    }
    const merge = { sha: 'b'.repeat(40), commit: { message: 'feat: merged' }, parents: [{}, {}] }
    const log = await changelogOf(JSON.stringify([commit, merge]))
    expect(log.groups.map(({ type, commits }) => [type, commits[0]?.hash?.slice(0, 2)])).toEqual([
      ['breaking', 'aa'],
      ['other', 'bb'],
    ])
  })

  it('ignores file lists, patches and notes', async () => {
    const stat =
      'commit abcdef1234\nAuthor: A <a@b>\n\n    feat: one\n\n a.ts | 3 ++-\n 1 file changed\n\ndiff --git a/a b/a\n+fix: not a commit\n'
    expect(await changelogOf(stat)).toMatchObject({
      count: 1,
      groups: [{ type: 'feat', commits: [{ subject: 'one' }] }],
    })
  })

  it('turns no text around', async () => {
    const log = await changelogOf('abc1234 feat: a\u202eb\u2066c\u0007d')
    expect(subjectsOf(log, 'feat')).toEqual(['abcd'])
  })
})

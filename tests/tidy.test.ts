import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findUntidiness, type SourceFile } from './tidy/rules.ts'

const ROOT = join(import.meta.dirname, '..')

/** What git knows or would add: nothing that was built or installed. */
function sourceFiles(): SourceFile[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], { cwd: ROOT })
  const paths = listed.toString().split('\n').filter(Boolean)
  return paths.map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))
}

describe('the house', () => {
  it('keeps its rules', () => {
    expect(findUntidiness(sourceFiles())).toEqual([])
  })

  it.each([
    [
      'core may not import commands',
      'core/x.ts',
      `import { a } from '#commands/a.ts'`,
      'core/ may not import commands/',
    ],
    ['bots may not import db', 'bots/telegram/x.ts', `import { a } from '#db/runs.ts'`, 'bots/ may not import db/'],
    [
      'commands may not import db, by type neither',
      'commands/x.ts',
      `import type { A } from '#db/a.ts'`,
      'commands/ may not import db/',
    ],
    ['a relative way out', 'core/runs/x.ts', `import { a } from '../../db/a.ts'`, 'across folders use #folder/…'],
    ['a path without its ending', 'core/runs/x.ts', `import { a } from './a'`, 'paths end in .ts'],
    ['kysely outside db', 'core/x.ts', `import { sql } from 'kysely'`, 'kysely only in db/'],
    ['grammy in Slack', 'bots/slack/x.ts', `import { Bot } from 'grammy'`, 'grammy only in bots/telegram/'],
    ['hono in core', 'core/x.ts', `import { Hono } from 'hono'`, 'hono only in server/'],
    ['a dynamic import counts', 'commands/x.ts', `const a = await import('pg')`, 'pg only in db/'],
    ['the environment', 'core/x.ts', `const a = process.env.HOME`, 'process.env only in server/config.ts'],
    ['the clock', 'core/x.ts', `const now = Date.now()`, 'the clock is read only in core/clock.ts'],
    ['randomness', 'db/x.ts', `const r = Math.random()`, 'randomness comes only from core/ids.ts'],
    [
      'a transaction of its own',
      'db/x.ts',
      `await db.transaction().execute(body)`,
      'transactions are opened only by db.write',
    ],
    ['a barrel', 'core/index.ts', `export * from './a.ts'\nexport { b } from './b.ts'`, 'no barrel files'],
  ])('notices %s', (_, path, text, rule) => {
    expect(findUntidiness([{ path, text }]).map((found) => found.rule)).toEqual([rule])
  })

  it('notices a circle, not one of types', () => {
    const circle = [
      { path: 'core/a.ts', text: `import { b } from './b.ts'` },
      { path: 'core/b.ts', text: `import { a } from '#core/a.ts'` },
    ]
    expect(findUntidiness(circle).map(({ rule }) => rule)).toEqual(['no circles'])
    const types = [circle[0] as SourceFile, { path: 'core/b.ts', text: `import type { A } from './a.ts'` }]
    expect(findUntidiness(types)).toEqual([])
  })

  it('lets comments speak of what code may not do', () => {
    const text = `// Date.now() is elsewhere\n/* import { x } from 'kysely' */\nexport const a = 1`
    expect(findUntidiness([{ path: 'core/a.ts', text }])).toEqual([])
  })
})

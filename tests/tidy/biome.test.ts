import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')

/** What the editor shall underline at once; tests/tidy.test.ts says the same later. */
const BROKEN: [path: string, target: string][] = [
  ['db/x.ts', '#core/core.ts'],
  ['core/x.ts', '#commands/index.ts'],
  ['core/runs/x.ts', 'kysely'],
  ['core/x.ts', 'hono'],
  ['core/tools/x.ts', 'undici'],
  ['core/outbound/x.ts', 'kysely'],
  ['core/x.ts', '@slack/bolt'],
  ['commands/x.ts', '#db/runs.ts'],
  ['commands/x.ts', '#bots/channel.ts'],
  ['bots/telegram/x.ts', '#db/runs.ts'],
  ['bots/telegram/x.ts', '@slack/bolt'],
  ['bots/slack/x.ts', 'grammy'],
  ['bots/channel.ts', 'grammy'],
  ['bots/web/x.ts', '#server/main.ts'],
  ['server/x.ts', 'commander'],
  ['core/x.ts', 'nodemailer'],
  ['server/x.ts', 'jose'],
  ['server/api/x.ts', 'better-sqlite3'],
]

const FINE: [path: string, target: string][] = [
  ['db/y.ts', 'kysely'],
  ['core/y.ts', '#db/runs.ts'],
  ['core/outbound/y.ts', 'undici'],
  ['core/outbound/y.ts', 'nodemailer'],
  ['core/accounts/y.ts', 'jose'],
  ['commands/y.ts', '#core/core.ts'],
  ['bots/telegram/y.ts', 'grammy'],
  ['bots/slack/y.ts', '@slack/bolt'],
  ['server/y.ts', 'hono'],
  ['server/cli/y.ts', 'commander'],
  ['tests/y.ts', 'pg'],
]

/** Each in a file of its own. */
const numbered = (path: string, index: number): string => path.replace('.ts', `${index}.ts`)

const directory = mkdtempSync(join(tmpdir(), 'muster-biome-'))
let reported = ''

beforeAll(() => {
  copyFileSync(join(ROOT, 'biome.json'), join(directory, 'biome.json'))
  for (const [index, [path, target]] of [...BROKEN, ...FINE].entries()) {
    const file = join(directory, numbered(path, index))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `import { a } from '${target}'\n\nexport const b = a\n`)
  }
  const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome')
  const args = [biome, 'lint', '--colors=off', '--max-diagnostics=100', '.']
  const ended = spawnSync(process.execPath, args, { cwd: directory, encoding: 'utf8' })
  reported = ended.stdout + ended.stderr
})
afterAll(() => rmSync(directory, { recursive: true }))

const isReported = (path: string, index: number): boolean =>
  reported.includes(`${numbered(path, index)}:1:19 lint/style/noRestrictedImports`)

it.each(BROKEN.map((one, index) => [...one, index] as const))('%s may not import %s', (path, _, index) => {
  expect(isReported(path, index)).toBe(true)
})

it.each(FINE.map((one, index) => [...one, index + BROKEN.length] as const))('%s may import %s', (path, _, index) => {
  expect(isReported(path, index)).toBe(false)
})

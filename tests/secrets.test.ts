import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { newKey } from '#core/accounts/key-format.ts'
import { systemIds } from '#core/ids.ts'

const ROOT = join(import.meta.dirname, '..')
const directory = mkdtempSync(join(tmpdir(), 'muster-secrets-'))
afterAll(() => rmSync(directory, { recursive: true }))

/** Put together here, so that no secret stands in the repository, not even a made-up one. */
const LEAKS: Record<string, string> = {
  MUSTER_KEY: newKey(systemIds),
  TELEGRAM_TOKEN: ['123456789', `AA${'bC3-_'.repeat(6)}xyz`].join(':'),
  SLACK_TOKEN: ['xoxb', '123456789012', '1234567890123', 'aBcDeFgHiJkLmNoPqRsTuVwX'].join('-'),
  GITHUB_TOKEN: ['ghp', 'aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789'].join('_'),
}

function scan(text: string): { exitCode: number | null; output: string } {
  const file = join(directory, 'leak.txt')
  writeFileSync(file, text)
  const ended = spawnSync(process.execPath, [join(ROOT, 'node_modules/secretlint/bin/secretlint.js'), file], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  return { exitCode: ended.status, output: ended.stdout + ended.stderr }
}

it.each(Object.keys(LEAKS))('finds %s', (id) => {
  const { exitCode, output } = scan(`token = ${LEAKS[id]}\n`)
  expect(output).toContain(`[${id}]`)
  expect(exitCode).toBe(1)
})

it('finds the token of a Slack app', () => {
  const token = ['xapp', '1', 'A0123456789', '1234567890123', '0123456789abcdef'.repeat(4)].join('-')
  expect(scan(token)).toMatchObject({ exitCode: 1, output: expect.stringContaining('SLACK_TOKEN') })
})

it('lets pass what only looks like a key', () => {
  expect(scan(`mst_${'x'.repeat(36)} and 123456:short`)).toEqual({ exitCode: 0, output: '' })
})

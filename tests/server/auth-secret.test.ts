import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { authSecretOf } from '#server/auth-secret.ts'

let directory: string
let warnings: string[]
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-secret-'))
  warnings = []
})
afterEach(() => rmSync(directory, { recursive: true }))

const secretOf = (authSecret?: string): string => {
  const log = { warn: (_: object, message: string) => void warnings.push(message) }
  const config = { databaseUrl: `sqlite:${directory}/data/muster.db`, ...(authSecret ? { authSecret } : {}) }
  return authSecretOf(config, log as never)
}
const file = () => join(directory, 'data', 'auth-secret')

it('is made once, for its user only, and said to be backed up', () => {
  const secret = secretOf()
  expect(secret).toMatch(/^[\w-]{44}$/)
  expect(statSync(file()).mode & 0o777).toBe(0o600)
  expect(warnings).toEqual([expect.stringContaining('Back this file up')])
  expect(secretOf()).toBe(secret)
  expect(warnings).toHaveLength(1)
  expect(readFileSync(file(), 'utf8').trim()).toBe(secret)
})

it('is the setting when there is one, and then no file is made', () => {
  expect(secretOf('x'.repeat(32))).toBe('x'.repeat(32))
  expect(() => statSync(file())).toThrow()
})

it('is not replaced when the file is damaged', () => {
  secretOf()
  writeFileSync(file(), 'half')
  expect(() => secretOf()).toThrow(/AUTH_SECRET: the file .* is damaged/)
  expect(readFileSync(file(), 'utf8')).toBe('half')
})

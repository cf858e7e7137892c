import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { masterKey } from '#core/connections/keyring.ts'
import { keyBytes } from '#core/ids.ts'
import { readConfig } from '#server/config.ts'
import { keyringFor, writeKeyFile } from '#server/master-key.ts'
import { Cli } from './cli-process.ts'

let directory: string
let warnings: string[]
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-key-'))
  warnings = []
})
afterEach(() => rmSync(directory, { recursive: true }))

const keyring = (settings: Record<string, string> = {}) => {
  const log = { warn: (_: object, message: string) => void warnings.push(message) }
  return keyringFor(readConfig({ DATABASE_URL: `sqlite:${directory}/data/muster.db`, ...settings }), log as never)
}
const file = () => join(directory, 'data', 'master-key')
const text = (...keys: { bytes: Buffer }[]) => keys.map(({ bytes }) => bytes.toString('base64')).join(',')

it('is made once, for its user only, and said to be backed up', () => {
  const { id } = keyring().current()
  expect(statSync(file()).mode & 0o777).toBe(0o600)
  expect(warnings).toEqual([expect.stringContaining('Back this file up')])
  expect(keyring().current().id).toBe(id)
  expect(warnings).toHaveLength(1)
})

it('is the setting when there is one, the first of several, and then no file is made', () => {
  const [one, other] = [masterKey(keyBytes(32)), masterKey(keyBytes(32))]
  const both = keyring({ MUSTER_KEK: text(one, other) })
  expect([both.current().id, both.find(other.id)?.id, both.find('0')]).toEqual([one.id, other.id, undefined])
  expect(() => statSync(file())).toThrow()
  expect(() => keyring({ MUSTER_KEK: text(one), MUSTER_KEK_FILE: file() })).toThrow('MUSTER_KEK_FILE: leave it or')
})

it('is not replaced when the file is damaged, and a file that is named must be there', () => {
  keyring()
  writeFileSync(file(), 'half')
  expect(() => keyring()).toThrow(/MUSTER_KEK: the file .* is damaged/)
  expect(readFileSync(file(), 'utf8')).toBe('half')
  expect(() => keyring({ MUSTER_KEK_FILE: join(directory, 'nowhere') })).toThrow(/MUSTER_KEK_FILE: there is no file/)
})

it('is read again when the file has another one, and stays when it cannot be read', () => {
  const running = keyring()
  const first = running.current()
  const second = masterKey(keyBytes(32))
  writeKeyFile(file(), [second, first])
  expect([running.find(second.id)?.id, running.current().id, running.find(first.id)?.id]).toEqual([
    second.id,
    second.id,
    first.id,
  ])
  writeFileSync(file(), 'half')
  expect(running.current().id).toBe(second.id)
})

it('is changed by the command line, and older ones are forgotten when nothing needs them', async () => {
  const cli = new Cli({ DATABASE_URL: `sqlite:${directory}/data/muster.db` })
  try {
    const before = keyring().current().id
    const made = await cli.json(['rekey', '--new'])
    expect(made).toMatchObject({ exitCode: 0, document: { rewrapped: 0, unreadable: 0, left: 0, forgotten: false } })
    const { key } = made.document
    expect(key).not.toBe(before)
    expect([keyring().current().id, keyring().find(before)?.id]).toEqual([key, before])
    expect((await cli.json(['rekey', '--forget'])).document).toMatchObject({ key, left: 0, forgotten: true })
    expect([keyring().current().id, keyring().find(before)]).toEqual([key, undefined])
    expect((await cli.json(['rekey', '--new', '--forget'])).exitCode).not.toBe(0)
  } finally {
    cli.remove()
  }
})

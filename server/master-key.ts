import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Logger } from 'pino'
import { KEY_BYTES, type Keyring, keyringOf, type MasterKey, readMasterKeys } from '#core/connections/keyring.ts'
import { keyBytes } from '#core/ids.ts'
import { type Config, ConfigError } from './config.ts'

const FILE = 'master-key'

type Where = Pick<Config, 'databaseUrl' | 'masterKeys' | 'masterKeyFile'>

/**
 * What stored secrets are encrypted with: the setting MUSTER_KEK, the file that MUSTER_KEK_FILE names, or one beside the
 * SQLite database (`data/` for Postgres) that the first start writes. In each the first key is the current one, and those
 * behind it still open what they closed. Files are read again when they have changed.
 */
export function keyringFor(config: Where, log: Pick<Logger, 'warn'>): Keyring {
  if (config.masterKeys) return keyringOf(config.masterKeys)
  const path = keyFileOf(config)
  if (config.masterKeyFile === undefined) makeIfMissing(path, log)
  return new FileKeyring(path)
}

/** Where the keys are kept, when they are in a file. */
export function keyFileOf({ masterKeys, masterKeyFile, databaseUrl }: Where): string {
  if (masterKeys) throw new ConfigError(['MUSTER_KEK: has the keys itself, so that there is no file of them'])
  if (masterKeyFile !== undefined) return masterKeyFile
  const file = databaseUrl.startsWith('sqlite:') ? databaseUrl.slice('sqlite:'.length) : undefined
  return join(file === undefined ? 'data' : dirname(file), FILE)
}

class FileKeyring implements Keyring {
  readonly #path: string
  #stamp = ''
  #keys: Keyring

  constructor(path: string) {
    this.#path = path
    this.#stamp = stampOf(path)
    this.#keys = keyringOf(readKeyFile(path))
  }

  current(): MasterKey {
    this.#refresh()
    return this.#keys.current()
  }

  find(id: string): MasterKey | undefined {
    return this.#keys.find(id) ?? (this.#refresh() ? this.#keys.find(id) : undefined)
  }

  /** A file that cannot be read at the moment changes nothing: what is known goes on working. */
  #refresh(): boolean {
    try {
      const stamp = stampOf(this.#path)
      if (stamp === this.#stamp) return false
      this.#keys = keyringOf(readKeyFile(this.#path))
      this.#stamp = stamp
      return true
    } catch {
      return false
    }
  }
}

function stampOf(path: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(path)
    return `${mtimeMs}:${size}:${ino}`
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new ConfigError([`MUSTER_KEK_FILE: there is no file ${path}. Make one: openssl rand -base64 32 > ${path}`])
  }
}

export function readKeyFile(path: string): MasterKey[] {
  const keys = readMasterKeys(readFileSync(path, 'utf8'))
  // Overwriting it would lose what is encrypted with it.
  if (!keys) throw new ConfigError([`MUSTER_KEK: the file ${path} is damaged; restore it`])
  return keys
}

/** Puts keys into the file, whole or not at all. Whoever has it open reads it again. */
export function writeKeyFile(path: string, keys: readonly MasterKey[]): void {
  const draft = `${path}.${process.pid}`
  const text = `${keys.map(({ bytes }) => bytes.toString('base64')).join('\n')}\n`
  writeFileSync(draft, text, { mode: 0o600, flush: true })
  renameSync(draft, path)
}

function makeIfMissing(path: string, log: Pick<Logger, 'warn'>): void {
  mkdirSync(dirname(path), { recursive: true })
  const draft = `${path}.${process.pid}`
  try {
    statSync(path)
    return
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  writeFileSync(draft, `${keyBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flush: true })
  try {
    // A link is there whole or not at all, and never in place of another.
    linkSync(draft, path)
    log.warn({ file: path }, 'MUSTER_KEK was made. Back this file up: without it, stored credentials cannot be read')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

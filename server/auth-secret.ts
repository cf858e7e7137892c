import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Logger } from 'pino'
import { systemIds } from '#core/ids.ts'
import { ConfigError } from './config.ts'

const FILE = 'auth-secret'
const LENGTH_MIN = 32

/**
 * What addresses of callbacks and signing secrets are made from: the setting, or a file beside the SQLite database
 * (`data/` for Postgres) that the first start writes. Of several processes that start at once one writes it.
 */
export function authSecretOf(config: { authSecret?: string; databaseUrl: string }, log: Pick<Logger, 'warn'>): string {
  if (config.authSecret !== undefined) return config.authSecret
  const path = join(folderOf(config.databaseUrl), FILE)
  return readSecret(path) ?? makeSecret(path, log)
}

const folderOf = (databaseUrl: string): string =>
  databaseUrl.startsWith('sqlite:') ? dirname(databaseUrl.slice('sqlite:'.length)) : 'data'

function readSecret(path: string): string | undefined {
  try {
    const secret = readFileSync(path, 'utf8').trim()
    // Half a secret is none; overwriting it might be worse.
    if (secret.length < LENGTH_MIN) throw new ConfigError([`AUTH_SECRET: the file ${path} is damaged; restore it`])
    return secret
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function makeSecret(path: string, log: Pick<Logger, 'warn'>): string {
  mkdirSync(dirname(path), { recursive: true })
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, `${systemIds.newSecret()}${systemIds.newSecret()}\n`, { mode: 0o600 })
  try {
    // A link is there whole or not at all, and never in place of another.
    linkSync(draft, path)
    log.warn(
      { file: path },
      'AUTH_SECRET was made. Back this file up: without it, callbacks under way and signatures are lost',
    )
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
  return readSecret(path) ?? ''
}

import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { type Config, ConfigError, readConfig } from '../../config.ts'
import { fileOf } from '../database.ts'
import { type Check, fail, ok, warn } from './check.ts'

const NODE_MAJOR_MIN = 24
const CONSOLE_PAGE = join(import.meta.dirname, '..', '..', 'console', 'dist', 'index.html')
const LOOPBACK = /^(localhost|127\.[\d.]+|\[::1\])$/

export function checkNode(version: string): Check {
  const name = 'Node'
  if (Number.parseInt(version, 10) >= NODE_MAJOR_MIN) return ok(name, version)
  return fail(name, `${version} is too old`, `Install Node ${NODE_MAJOR_MIN} or newer; npm ci brings one along.`)
}

export function checkSettings(): { config?: Config; check: Check } {
  try {
    return { config: readConfig(), check: ok('Settings', 'every setting can be used') }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { check: fail('Settings', error.message, 'Mend them in the environment or in .env; see .env.example.') }
  }
}

const MB = 1024 ** 2
const DISK_FAIL_BYTES = 100 * MB
const DISK_WARN_BYTES = 1_024 * MB

/** What is left where the database is, or, with Postgres, where this process keeps its files. */
export async function checkDisk({ databaseUrl }: Config): Promise<Check> {
  const name = 'Disk'
  const folder = nearest(dirname(resolve(fileOf(databaseUrl) ?? join('data', 'x'))))
  const { bavail, bsize } = await statfs(folder)
  const leftBytes = bavail * bsize
  const words = `${Math.floor(leftBytes / MB)} MB free in ${folder}`
  const fix = 'Make room, or move the database to a larger disk.'
  if (leftBytes < DISK_FAIL_BYTES) return fail(name, words, fix)
  return leftBytes < DISK_WARN_BYTES ? warn(name, words, fix) : ok(name, words)
}

/** A folder that is yet to be made has the room of the one it will be in. */
const nearest = (folder: string): string => (existsSync(folder) ? folder : nearest(dirname(folder)))

/** What others need to find this server, and what keeps their sign-in to themselves. */
export function checkAddress({ publicUrl, telegram }: Config): Check {
  const name = 'Address'
  const { protocol, hostname } = new URL(publicUrl)
  const { pathname, search, hash } = new URL(publicUrl)
  if (pathname !== '/' || search || hash) {
    return fail(name, `${publicUrl} has more than a host`, 'Set PUBLIC_URL to https:// and a host, without a path.')
  }
  if (protocol === 'https:') return ok(name, publicUrl)
  const fix = 'Put a proxy with a certificate in front and set PUBLIC_URL to its https address.'
  if (telegram?.mode === 'webhook') return fail(name, `${publicUrl}: Telegram sends webhooks to https only`, fix)
  if (LOOPBACK.test(hostname)) return ok(name, `${publicUrl}, for this machine alone`)
  return warn(name, `${publicUrl} is not https: sign-in links and cookies can be read on the way`, fix)
}

export const checkConsole = (): Check =>
  existsSync(CONSOLE_PAGE)
    ? ok('Console', 'built')
    : warn('Console', 'not built, so that browsers see nothing', 'Run: npm run console:build')

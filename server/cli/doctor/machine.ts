import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, ConfigError, readConfig } from '../../config.ts'
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

/** What others need to find this server, and what keeps their sign-in to themselves. */
export function checkAddress({ publicUrl, telegram }: Config): Check {
  const name = 'Address'
  const { protocol, hostname } = new URL(publicUrl)
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

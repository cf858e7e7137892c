import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Context } from 'hono'
import type { Core } from '#core/core.ts'
import type { Config } from '../config.ts'
import type { Env } from '../env.ts'
import { giveCookie, takeCookie } from './cookies.ts'

/** Longer than a session: it is for whoever comes back after one. */
const LIFETIME_MS = 180 * 24 * 60 * 60 * 1000
const KNOWN_COOKIE = 'muster-known'

/** A browser in which somebody has signed in to an account before. It opens nothing. */
export interface KnownBrowser {
  /** Of the browser. */
  id: string
  accountId: string
}

type Needs = { core: Pick<Core, 'settings' | 'clock' | 'ids'>; config: Config }

/** Remembers in the browser that it was signed in to an account; the last one counts, and signing in again changes nothing. */
export function rememberBrowser(c: Context<Env>, { core, config }: Needs, accountId: string): void {
  const before = knownBrowser(c, { core, config })
  const id = before?.accountId === accountId ? before.id : core.ids.newSecret()
  const value = `${accountId}.${id}.${signatureOf(core, accountId, id)}`
  giveCookie(c, config, KNOWN_COOKIE, value, core.clock.nowMs() + LIFETIME_MS)
}

/** What it remembers, where it was given by us. */
export function knownBrowser(c: Context<Env>, { core, config }: Needs): KnownBrowser | undefined {
  const [accountId = '', id = '', signature = '', ...more] = (takeCookie(c, config, KNOWN_COOKIE) ?? '').split('.')
  if (id === '' || more.length > 0) return undefined
  const right = Buffer.from(signatureOf(core, accountId, id))
  const given = Buffer.from(signature)
  return given.length === right.length && timingSafeEqual(given, right) ? { id, accountId } : undefined
}

const signatureOf = ({ settings }: Pick<Core, 'settings'>, accountId: string, id: string): string =>
  createHmac('sha256', settings.authSecret).update(`known browser\n${accountId}\n${id}`).digest('base64url')

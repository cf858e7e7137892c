import { timingSafeEqual } from 'node:crypto'
import type { Context } from 'hono'
import { scopesAllow } from '#core/accounts/scopes.ts'
import type { Core } from '#core/core.ts'
import { AppError } from '#core/errors.ts'
import { addressOf } from '../auth/address.ts'
import { principalOf } from '../auth/principal.ts'
import type { Config } from '../config.ts'
import type { Env } from '../env.ts'

const LOOPBACK = /^(127\.[\d.]+|::1|::ffff:127\.[\d.]+)$/
const LOOPBACK_HOST = /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/
/** What proxies add: a request that has one comes from further away than its connection does. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via']

/** Asked on this machine itself, and not by a proxy that passes on what strangers ask. */
function isFromThisMachine(c: Context<Env>): boolean {
  if (!LOOPBACK.test(addressOf(c, 0)) || !LOOPBACK_HOST.test(c.req.header('host') ?? '')) return false
  return FORWARDED.every((name) => c.req.header(name) === undefined)
}

/** Who runs this instance: somebody on the machine, or a platform admin with a key that may do everything an admin may. */
export async function isInsider(core: Core, config: Config, c: Context<Env>): Promise<boolean> {
  if (isFromThisMachine(c)) return true
  const principal = await principalOf(core, config, c).catch((error: unknown) => {
    if (error instanceof AppError) return undefined
    throw error
  })
  if (principal?.account.platformRole !== 'admin') return false
  return principal.by.type === 'session' || scopesAllow(principal.by.scopes, 'admin')
}

/** Compared in a time that tells nothing of where they differ. */
export function hasMetricsToken(c: Context<Env>, { metricsToken }: Config): boolean {
  const [, given] = /^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '') ?? []
  if (metricsToken === undefined || given === undefined) return false
  const [mine, theirs] = [Buffer.from(metricsToken), Buffer.from(given)]
  return mine.length === theirs.length && timingSafeEqual(mine, theirs)
}

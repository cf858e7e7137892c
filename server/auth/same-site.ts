import type { Context } from 'hono'
import { AppError } from '#core/errors.ts'
import type { Config } from '../config.ts'
import type { Env } from '../env.ts'

export const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD' || method === 'OPTIONS'

/**
 * A cookie comes along with every request, also with one that another site made; and signing somebody in as somebody else
 * needs no cookie at all. What changes things must come from the console itself: browsers say so in `Sec-Fetch-Site`, old ones
 * in `Origin`, whatever the body is. A request with a cookie that says neither is refused; a program without one is not asked.
 */
export function refuseForgery(c: Context<Env>, { publicUrl }: Pick<Config, 'publicUrl'>, hasCookie: boolean): void {
  if (isSafe(c.req.method)) return
  const site = c.req.header('sec-fetch-site')
  const origin = c.req.header('origin')
  if (site !== undefined) {
    if (site === 'same-origin' || site === 'none') return
  } else if (origin !== undefined) {
    if (origin === new URL(publicUrl).origin || origin === new URL(c.req.url).origin) return
  } else if (!hasCookie) {
    return
  }
  throw new AppError('forbidden', 'This request did not come from the console.')
}

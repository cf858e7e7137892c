import type { Context } from 'hono'
import type { Core } from '#core/core.ts'
import { AppError } from '#core/errors.ts'
import type { Config } from '../config.ts'
import type { Env } from '../env.ts'
import { principalOf } from './principal.ts'

/**
 * Nobody reads on longer than about this after their key was revoked, their session has ended or their account was closed.
 * A look is one read for each stream, and there may be a thousand.
 */
const LOOK_EVERY_MS = 3_000

/**
 * For answers that do not end by themselves: calls `end`, once, soon after whoever asked would be refused if they asked
 * now. Other processes and the command line revoke as well, so the database is what tells. The returned function ends the looking.
 */
export function whileWelcome(core: Core, config: Config, c: Context<Env>, end: () => void): () => void {
  const before = c.get('principal')?.account.id
  let isLooking = false
  const timer = setInterval(async () => {
    if (isLooking) return
    isLooking = true
    if (!(await isWelcome(core, config, c, before))) {
      clearInterval(timer)
      end()
    }
    isLooking = false
  }, LOOK_EVERY_MS)
  return () => clearInterval(timer)
}

async function isWelcome(core: Core, config: Config, c: Context<Env>, accountId: string | undefined): Promise<boolean> {
  try {
    return (await principalOf(core, config, c))?.account.id === accountId
  } catch (error) {
    // A database that is away for a moment has not revoked anything.
    return !(error instanceof AppError)
  }
}

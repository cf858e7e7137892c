import assert from 'node:assert/strict'
import { originValidation } from '@modelcontextprotocol/hono'
import { createMcpHandler, localhostAllowedOrigins } from '@modelcontextprotocol/server'
import type { Context } from 'hono'
import { z } from 'zod'
import { contextFromRequest } from '#core/contexts/explicit.ts'
import { AppError } from '#core/errors.ts'
import { requirePrincipal } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { BODY_MAX_BYTES, readBody } from '../read-body.ts'
import type { Caller } from './caller.ts'
import { createMcpServer } from './server.ts'

/** One message, never a list of them: each request is counted, and so is what it asks for. */
const message = z.looseObject({ jsonrpc: z.literal('2.0') })

/** What answers each request; made once, and only where somebody asks: the protocol's kit takes half a second and 27 MB. */
export function createAnswer({ core, config, log, stopping }: ServerDeps): (c: Context<Env>) => Promise<Response> {
  const handler = createMcpHandler(
    ({ authInfo, era }) => {
      assert(authInfo, 'Who asks is known')
      const { caller } = authInfo.extra as unknown as { caller: Caller }
      return createMcpServer({ core, caller, isCancel: (_, args) => isClosing(era, args) })
    },
    { maxRequestBodySize: BODY_MAX_BYTES, onerror: (err) => log.debug({ err }, 'A request over MCP was not served') },
  )

  /**
   * Whether a connection that is closed before its answer means that the answer is not wanted. So the protocol says since
   * 2026; before, a client said it in a request of its own, which nothing here could match to the first. Who gave a key
   * means to ask again, and a server that stops stops nothing of anybody's.
   */
  const isClosing = (era: 'legacy' | 'modern', args: object): boolean =>
    era === 'modern' && stopping?.aborted !== true && !Object.hasOwn(args, 'idempotencyKey')

  const checkOrigin = originValidation([new URL(config.publicUrl).hostname, ...localhostAllowedOrigins()])

  return async function answerMcp(c) {
    const foreign = await checkOrigin(c, async () => {})
    if (foreign) return foreign
    const caller = callerOf(c)
    const authInfo = { token: '', clientId: caller.account.id, scopes: [...caller.scopes], extra: { caller } }
    const parsedBody = c.req.method === 'POST' ? { parsedBody: await readBody(c, message) } : {}
    return handler.fetch(c.req.raw, { authInfo, ...parsedBody })
  }
}

function callerOf(c: Context<Env>): Caller {
  if (c.req.header('authorization') === undefined) {
    throw new AppError('unauthorized', 'Send an API key: Authorization: Bearer mst_…')
  }
  const { account, by } = requirePrincipal(c, 'read')
  const context = contextFromRequest(c.req.header('x-execution-context'))
  return {
    account,
    scopes: by.type === 'key' ? by.scopes : [],
    ...(context === undefined ? {} : { context }),
    countTeam: (teamId) => c.get('limits').countTeam(c, teamId),
  }
}

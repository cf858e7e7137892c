import assert from 'node:assert/strict'
import { originValidation } from '@modelcontextprotocol/hono'
import { createMcpHandler, localhostAllowedOrigins } from '@modelcontextprotocol/server'
import { type Context, Hono } from 'hono'
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

/**
 * MCP over HTTP, without sessions: each request stands for itself, and any process can answer it. Only for who has a key; a
 * cookie would let any page that a person opens speak for them.
 */
export function mcpRoutes({ core, config, log, stopping }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()
  const handler = createMcpHandler(
    ({ authInfo, era }) => {
      assert(authInfo, 'Who asks is known')
      const { caller } = authInfo.extra as unknown as { caller: Caller }
      return createMcpServer({ core, caller, isCancel: (_, args) => isClosing(era, args) })
    },
    { maxRequestBodySize: BODY_MAX_BYTES, onerror: (err) => log.debug({ err }, 'A request over MCP was not served') },
  )

  app.use(originValidation([new URL(config.publicUrl).hostname, ...localhostAllowedOrigins()]))

  app.all('/', async (c) => {
    const caller = callerOf(c)
    const token = { token: '', clientId: caller.account.id, scopes: [...caller.scopes], extra: { caller } }
    const parsedBody = c.req.method === 'POST' ? { parsedBody: await readBody(c, message) } : {}
    const response = await handler.fetch(c.req.raw, { authInfo: token, ...parsedBody })
    return response
  })

  /**
   * Whether a connection that is closed before its answer means that the answer is not wanted. So the protocol says since
   * 2026; before, a client said it in a request of its own, which nothing here could match to the first. Who gave a key
   * means to ask again, and a server that stops stops nothing of anybody's.
   */
  const isClosing = (era: 'legacy' | 'modern', args: object): boolean =>
    era === 'modern' && stopping?.aborted !== true && !Object.hasOwn(args, 'idempotencyKey')

  return app
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

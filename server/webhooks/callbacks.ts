import { Hono } from 'hono'
import { CALLBACK_BYTES_MAX, receiveCallback } from '#core/callbacks/receive.ts'
import { AppError, notFound } from '#core/errors.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { problem } from '../problem.ts'
import { readBytes } from '../read-body.ts'

const TOKEN = /^[\w-]{22}$/

/**
 * `/callbacks/{token}`: where providers say that a job is done. The token is the credential, and only a POST does
 * anything: who merely opens the address, a preview or a scanner, changes nothing.
 */
export function callbackRoutes({ core }: Pick<ServerDeps, 'core'>): Hono<Env> {
  const app = new Hono<Env>()
  app.post(
    '/:token',
    describe({
      summary: 'Say that a job is done',
      more: 'For providers: the address is made for one job, and is the credential.',
      group: 'inbound',
      asks: 'signed',
      body: [{ media: '*/*', says: 'What the provider says' }],
      answers: { 200: 'Received' },
      refuses: ['expired', 'unauthorized', 'conflict'],
    }),
    async (c) => {
      const token = c.req.param('token')
      if (!TOKEN.test(token)) throw notFound('such callback')
      const bytes = await readBytes(c, CALLBACK_BYTES_MAX)
      return c.json(await receiveCallback(core, token, { body: textOf(bytes), headers: c.req.header() }))
    },
  )
  app.all('/*', (c) => problem(c, 405, { code: 'bad_request', detail: 'Callbacks are sent with POST.' }))
  return app
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new AppError('bad_request', 'The body is not text in UTF-8.')
  }
}

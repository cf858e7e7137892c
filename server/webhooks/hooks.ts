import { type Context, Hono } from 'hono'
import { AppError } from '#core/errors.ts'
import { DELIVERY_BYTES_MAX, receiveDelivery } from '#core/triggers/receive.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { problem } from '../problem.ts'
import { readBytes } from '../read-body.ts'

/** Who sends a mebibyte sends it within this; who drips it holds nothing open. */
const BODY_MS = 10_000
const LOG_EVERY_MS = 60_000

/**
 * `/hooks/{triggerId}`: where others say that something has happened. Its signature is what lets a request in; what has none
 * leaves no trace but a count in the log, and hears the same whatever is wrong with it.
 */
export function hookRoutes({ core, log }: Pick<ServerDeps, 'core' | 'log'>): Hono<Env> {
  const app = new Hono<Env>()
  const refused = { count: 0, loggedAtMs: 0 }

  app.post(
    '/:id',
    describe({
      summary: 'Say that something has happened',
      more: 'Signed as the trigger says. The same delivery again has the same answer and starts nothing.',
      group: 'inbound',
      asks: 'signed',
      body: [{ media: '*/*', says: 'JSON, a form or text' }],
      answers: { 202: 'DeliveryTaken' },
      refuses: ['unauthorized'],
    }),
    async (c) => {
      const bytes = await readInTime(c)
      try {
        const received = await receiveDelivery(core, c.req.param('id'), { bytes, headers: c.req.header() })
        return c.json(received, 202)
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        if (error.code === 'unauthorized') countRefused()
        const waitS = error.details.facts?.retryAfterS
        if (waitS !== undefined) c.header('Retry-After', String(waitS))
        throw error
      }
    },
  )

  /** One line a minute, however many there are. */
  function countRefused(): void {
    refused.count++
    const nowMs = core.clock.nowMs()
    if (nowMs - refused.loggedAtMs < LOG_EVERY_MS) return
    log.warn({ refused: refused.count }, 'Webhooks without a right signature were turned away')
    refused.count = 0
    refused.loggedAtMs = nowMs
  }

  app.all('/*', (c) => problem(c, 405, { code: 'bad_request', detail: 'Deliveries are sent with POST.' }))
  return app
}

/** What is too large is refused (`too_large`) before it is read, and what does not come in time (`bad_request`). */
async function readInTime(c: Context<Env>): Promise<Uint8Array> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new AppError('bad_request', 'The body took too long.')), BODY_MS)
  })
  const read = readBytes(c, DELIVERY_BYTES_MAX)
  // Who is too late may still fail, and nobody listens by then.
  read.catch(() => {})
  return Promise.race([read, late]).finally(() => clearTimeout(timer))
}

import { Hono } from 'hono'
import { z } from 'zod'
import { makeRule } from '#commands/remote.ts'
import { sayOnWeb } from '#core/chat/web.ts'
import { contextFromRequest } from '#core/contexts/explicit.ts'
import { resolveContext } from '#core/contexts/resolve.ts'
import { AppError } from '#core/errors.ts'
import { getRule } from '#core/rules/read.ts'
import { requestKeyOf, requireSpeaker } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { doOnce, markReplayed } from './replay.ts'
import { waitForReplies } from './replies.ts'
import { readRequest } from './request.ts'
import { eventFilter } from './rules.ts'
import { contextBody, text } from './schemas.ts'

const commandBody = z.strictObject({
  /** As it would be typed in chat. */
  text: z
    .string()
    .min(1)
    .max(1024 * 1024),
  /** At a time, or several: ISO 8601 or words. */
  at: text(200).exactOptional(),
  /** When an event fits. */
  on: eventFilter.exactOptional(),
  timezone: text(64).exactOptional(),
  name: text(200).exactOptional(),
  ratePerHour: z.number().int().exactOptional(),
  context: contextBody.exactOptional(),
})

/** Any chat command from afar: now, at a time, or whenever something happens. */
export function remoteRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.post(
    '/commands',
    describe({
      summary: 'Say any chat command, now or later',
      more: 'With `at` or `on` it becomes a rule. Otherwise it is said in the web chat, and answered as there.',
      group: 'chat',
      body: commandBody,
      answers: { 200: 'Said', 201: 'RuleMade' },
      refuses: ['bad_input', 'conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { account } = requireSpeaker(c)
      const { actor, body } = await readRequest(core, c, commandBody)
      const { text: said, context, at, on, ...rest } = body
      if (at !== undefined || on !== undefined) {
        const rule = {
          ...rest,
          command: said,
          ...(at === undefined ? {} : { at }),
          ...(on === undefined ? {} : { on }),
        }
        const { id } = await doOnce(c, actor, (once) => makeRule(core, once, rule))
        return c.json({ rule: await getRule(core, actor, id) }, 201, { Location: `/v1/rules/${id}` })
      }
      if (Object.keys(rest).length > 0) {
        const message = 'is for commands that are said later: give at or on as well'
        const problems = Object.keys(rest).map((path) => ({ path, message }))
        throw new AppError('bad_request', `${Object.keys(rest).join(', ')} ${message}.`, { problems })
      }
      const explicit = contextFromRequest(c.req.header('x-execution-context'), context)
      if (explicit !== undefined) await resolveContext(core.db, { accountId: account.id, channel: 'web', explicit })
      const deliveryId = `${account.id}/${requestKeyOf(c) ?? core.ids.newSecret()}`
      const { message, cause, replayed } = await sayOnWeb(core, {
        accountId: account.id,
        name: account.displayName,
        text: said,
        files: [],
        deliveryId,
        ...(explicit === undefined ? {} : { context: explicit }),
      })
      if (replayed) markReplayed(c)
      return c.json({
        message,
        replies: await waitForReplies(core, account.id, deliveryId, { cause, seq: message.seq }),
      })
    },
  )
  return app
}

import { Hono } from 'hono'
import { z } from 'zod'
import { getPreferences, updatePreferences } from '#core/accounts/preferences.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { doOnce } from './replay.ts'
import { readRequest } from './request.ts'
import { amountUsd, contextBody, jsonObject, text } from './schemas.ts'

const changeBody = z.strictObject({
  displayName: text(200).exactOptional(),
  timeZone: text(64).exactOptional(),
  confirmAboveUsd: amountUsd.nullable().exactOptional(),
  /** Of the context of the request; null forgets what was saved for that tool. */
  toolDefaults: z.record(text(64), jsonObject.nullable()).exactOptional(),
  /** What is in it is for the operation to judge: it names each problem. */
  notifications: jsonObject.exactOptional(),
  context: contextBody.exactOptional(),
})

/** How one wants to be treated oneself. Nobody else's can be seen or changed. */
export function preferenceRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.get(
    '/preferences',
    describe({ summary: 'How one wants to be treated', group: 'settings', answers: { 200: 'Preferences' } }),
    async (c) => c.json(await getPreferences(core, await actorOf(core, c))),
  )

  app.put(
    '/preferences',
    describe({
      summary: 'Change one’s preferences',
      more: 'What is left out stays as it is.',
      group: 'settings',
      body: changeBody,
      answers: { 200: 'Preferences' },
      refuses: ['bad_input'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, changeBody)
      const { context: _, ...changes } = body
      return c.json(await doOnce(c, actor, (once) => updatePreferences(core, once, changes)))
    },
  )
  return app
}

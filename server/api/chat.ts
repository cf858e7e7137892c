import { type Context, Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { z } from 'zod'
import { commandsFor } from '#commands/menu.ts'
import { lookOnLive } from '#core/chat/live-web.ts'
import { type Said, sayOnWeb, webChanges, webConversation, webHistory } from '#core/chat/web.ts'
import { contextFromRequest } from '#core/contexts/explicit.ts'
import { resolveContext } from '#core/contexts/resolve.ts'
import type { Core } from '#core/core.ts'
import { AppError } from '#core/errors.ts'
import { createFormDesk } from '#core/forms/desk.ts'
import { actorOf, requestKeyOf, requireSpeaker } from '../auth/principal.ts'
import { whileWelcome } from '../auth/while-welcome.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readBody, readQuery } from '../read-body.ts'
import { filledBody, filledIn, sendForm } from './forms.ts'
import { ownFile } from './own-file.ts'
import { cursor } from './pages.ts'
import { markReplayed } from './replay.ts'
import { waitForReplies } from './replies.ts'
import { limit, text } from './schemas.ts'

const sayBody = z.strictObject({
  conversationId: text(200).optional(),
  text: z
    .string()
    .max(1024 * 1024)
    .default(''),
  files: z.array(text(200)).max(10).default([]),
  button: text(64).optional(),
  form: filledBody.extend({ formId: text(200) }).optional(),
})
const nothing = z.strictObject({})
const pageQuery = z.strictObject({ cursor, limit: limit(50, 200) })
/** The `seq` of the last message that was seen. */
const streamQuery = z.strictObject({ after: z.coerce.number().int().min(0).exactOptional() })

const HEARTBEAT_MS = 15_000
const LOOK_EVERY_MS = 40

/** The web chat: the same commands, the same conversation, over HTTP. */
export function chatRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()
  const forms = createFormDesk(core)

  app.get(
    '/chat/commands',
    describe({ summary: 'What can be said', group: 'chat', query: nothing, answers: { 200: { list: 'Command' } } }),
    async (c) => {
      const actor = await actorOf(core, c)
      readQuery(c, nothing)
      return c.json({ items: await commandsFor(core, actor), nextCursor: null })
    },
  )

  app.get(
    '/chat/messages',
    describe({
      summary: 'What was said',
      more: 'The newest page first; in it the oldest first.',
      group: 'chat',
      query: pageQuery,
      answers: { 200: { list: 'Message' } },
    }),
    async (c) => {
      const { account } = requireSpeaker(c)
      return c.json(await webHistory(core.db, webConversation(account.id), readQuery(c, pageQuery)))
    },
  )

  app.post(
    '/chat/messages',
    describe({
      summary: 'Say something',
      more: 'Answers with what was said at once; what comes later comes on the stream.',
      group: 'chat',
      scope: 'admin',
      body: sayBody,
      answers: { 200: 'Said' },
      refuses: ['form_incomplete', 'conflict', 'limit_reached'],
      once: 'taken',
    }),
    async (c) => {
      const { account } = requireSpeaker(c)
      const { text, files, button, form, conversationId } = await readBody(c, sayBody)
      const conversation = webConversation(account.id)
      if (conversationId !== undefined && conversationId !== conversation) {
        throw new AppError('not_found', 'There is no such conversation here.')
      }
      if (form && (button || files.length > 0)) {
        throw new AppError(
          'bad_request',
          'A form goes by itself: its files stand in the form, by the name of their field.',
        )
      }
      if (!text.trim() && files.length === 0 && !button && !form)
        throw new AppError('bad_request', 'Say something, or attach a file.')
      const context = await namedContext(core, c, account.id)
      const deliveryId = `${account.id}/${requestKeyOf(c) ?? core.ids.newSecret()}`
      const said: Said = {
        accountId: account.id,
        name: account.displayName,
        text,
        files: await Promise.all(files.map((id) => ownFile(core, account.id, id))),
        deliveryId,
        ...(button ? { button } : {}),
        ...(context ? { context } : {}),
      }
      const { message, cause, replayed } = form
        ? await sendForm(core, forms, said, { formId: form.formId, ...(await filledIn(core, account.id, form)) })
        : await sayOnWeb(core, said)
      if (replayed) markReplayed(c)
      return c.json({
        message,
        replies: await waitForReplies(core, account.id, deliveryId, { cause, seq: message.seq }),
      })
    },
  )

  app.get(
    '/chat/stream',
    describe({
      summary: 'What is said, while it is said',
      more: 'Each `message` is a new one or an edit of one with the same id. A `live` is what a run has written so far, `text: null` when it writes no more: it is shown for the moment, and the result comes as a message.',
      group: 'chat',
      query: streamQuery,
      answers: { 200: { media: 'text/event-stream', says: 'Messages as they come' } },
    }),
    (c) => {
      const { account } = requireSpeaker(c)
      const conversation = webConversation(account.id)
      const query = readQuery(c, streamQuery)
      const after = Number(c.req.header('last-event-id') ?? query.after ?? Number.NaN)
      c.header('X-Accel-Buffering', 'no')
      return streamSSE(c, async (stream) => {
        let position = Number.isFinite(after) ? after : await newestChange(core, conversation)
        let wake: () => void = () => {}
        let isOver = false
        const end = (): void => {
          isOver = true
          unsubscribe()
          leave()
          look()
          wake()
        }
        const unsubscribe = core.db.onChange(() => wake())
        const leave = whileWelcome(core, c, end)
        // Nothing of it is kept, so it has no position: what is missed is in the result.
        const look = lookOnLive(conversation, ({ runId, text }) => {
          if (!isOver) void stream.writeSSE({ event: 'live', data: JSON.stringify({ runId, text }) })
        })
        stream.onAbort(end)
        await stream.writeSSE({ event: 'ready', data: '{}', id: String(position), retry: 1_000 })
        let writtenAtMs = performance.now()
        while (!isOver) {
          const woken = new Promise<void>((resolve) => {
            wake = resolve
          })
          const changes = await webChanges(core.db, conversation, position)
          for (const change of changes) {
            await stream.writeSSE({ event: 'message', data: JSON.stringify(change), id: String(change.seq) })
            position = change.seq
          }
          if (changes.length > 0) {
            writtenAtMs = performance.now()
            continue
          }
          const timer = setTimeout(wake, HEARTBEAT_MS)
          await woken
          clearTimeout(timer)
          // Every commit of the program wakes every stream; a moment's pause makes one look of many.
          await stream.sleep(LOOK_EVERY_MS)
          if (performance.now() - writtenAtMs < HEARTBEAT_MS) continue
          await stream.write(': still here\n\n')
          writtenAtMs = performance.now()
        }
      })
    },
  )
  return app
}

async function newestChange(core: Core, conversation: string): Promise<number> {
  const { items } = await webHistory(core.db, conversation, { limit: 50 })
  return Math.max(0, ...items.map(({ seq }) => seq))
}

/** The context that the header names. One that is not theirs is refused here, with a status, and not in a reply. */
async function namedContext(core: Core, c: Context<Env>, accountId: string): Promise<string | undefined> {
  const explicit = contextFromRequest(c.req.header('x-execution-context'))
  if (explicit !== undefined) await resolveContext(core.db, { accountId, channel: 'web', explicit })
  return explicit
}

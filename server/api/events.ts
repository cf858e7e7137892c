import { type Context, Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { z } from 'zod'
import { numberCursor } from '#core/cursor.ts'
import { AppError } from '#core/errors.ts'
import { EventFeed } from '#core/events/feed.ts'
import { postEvent } from '#core/events/post.ts'
import { findEvents, newestEvents } from '#core/events/read.ts'
import { EventTail, type TailEnd } from '#core/events/tail.ts'
import type { EventView } from '#core/events/view.ts'
import { humanLog } from '#core/events/words.ts'
import { actorOf } from '../auth/principal.ts'
import { whileWelcome } from '../auth/while-welcome.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { cursor } from './pages.ts'
import { doOnce } from './replay.ts'
import { readRequest } from './request.ts'
import { contextBody, jsonObject, limit, text } from './schemas.ts'

export const postBody = z.strictObject({
  type: text(100).regex(/^[a-z][a-z0-9_]*([.:-][a-z0-9_]+)*$/i, 'must be words, joined by dots: build.finished'),
  subject: text(200).min(1),
  details: jsonObject.exactOptional(),
  context: contextBody.exactOptional(),
})
const number = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const filter = {
  /** One, or several with commas; `run.*` is all that begin so. */
  type: text(500)
    .transform((list) => list.split(',').filter((one) => one !== ''))
    .exactOptional(),
  actor: text(100).exactOptional(),
  subject: text(200).exactOptional(),
}
const listQuery = z.strictObject({ after: number.exactOptional(), ...filter, cursor, limit: limit(100, 1_000) })
const logQuery = z.strictObject({ after: number.exactOptional(), ...filter, limit: limit(100, 1_000) })
const tailQuery = z.strictObject({
  since: number.exactOptional(),
  ...filter,
  mode: z.enum(['sse', 'poll']).default('sse'),
  /** How long a poll waits for the first event: seconds, a minute at most; what is above 60 are milliseconds. */
  timeout: z.coerce
    .number()
    .min(0)
    .max(60_000)
    .default(25)
    .transform((given) => (given > 60 ? given / 1_000 : given)),
})

const HEARTBEAT_MS = 15_000
const RETRY_MS = 1_000

/** What happened, to be read back and read along. */
export function eventRoutes({ core, log }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()
  const feed = new EventFeed({ db: core.db, log })

  app.post(
    '/collab/events',
    describe({
      summary: 'Say that something happened',
      group: 'tasks',
      body: postBody,
      answers: { 201: 'Event' },
      refuses: ['bad_input'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, postBody)
      const { context: _, ...event } = body
      return c.json(await doOnce(c, actor, (once) => postEvent(core, once, event)), 201)
    },
  )

  app.get(
    '/collab/events',
    describe({ summary: 'What happened', group: 'tasks', query: listQuery, answers: { 200: { list: 'Event' } } }),
    async (c) => {
      const actor = await actorOf(core, c)
      const { cursor, after, ...query } = readQuery(c, listQuery)
      const from = cursor === undefined ? after : numberCursor(cursor)
      return c.json(await findEvents(core, actor, { ...wanted(query), limit: query.limit, ...given('after', from) }))
    },
  )

  app.get(
    '/collab/events/log',
    describe({
      summary: 'What happened, in sentences',
      group: 'tasks',
      query: logQuery,
      answers: { 200: { media: 'text/plain', says: 'A line for each' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const { after, ...query } = readQuery(c, logQuery)
      const page = { ...wanted(query), limit: query.limit }
      const events =
        after === undefined
          ? await newestEvents(core, actor, page)
          : (await findEvents(core, actor, { ...page, after })).items
      const lines = await humanLog(core.db, events)
      return c.text(lines.map((line) => `${line}\n`).join(''))
    },
  )

  app.get(
    '/collab/events/tail',
    describe({
      summary: 'What happens, while it happens',
      more: 'As a stream (`id` is where one goes on, by `Last-Event-ID` or `since`; `event: overflow` ends it for who reads too slowly), or with `mode=poll` as one page that waits for the first event.',
      group: 'tasks',
      query: tailQuery,
      answers: { 200: ['EventPoll', { media: 'text/event-stream', says: 'Events as they happen' }] },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const { mode, timeout, ...query } = readQuery(c, tailQuery)
      const since = query.since ?? lastEventId(c)
      const open = (): Promise<EventTail> =>
        EventTail.open(core, feed, actor, { ...wanted(query), ...given('since', since) })
      if (mode === 'poll') return c.json(await poll(await open(), timeout * 1_000))
      return stream(c, await open())
    },
  )

  /** A page of what has come; where it is empty the time was up. `nextCursor` is where the next poll goes on, always. */
  async function poll(tail: EventTail, timeoutMs: number): Promise<{ items: EventView[]; nextCursor: string }> {
    const untilMs = performance.now() + timeoutMs
    try {
      for (;;) {
        const leftMs = untilMs - performance.now()
        const events = await tail.next(Math.max(0, leftMs))
        if (events === 'gone') throw new AppError('not_found', 'There is no such context here.')
        if (events === 'overflow') return { items: [], nextCursor: String(tail.seen) }
        if (events.length > 0 || leftMs <= 0) return { items: events, nextCursor: String(tail.seen) }
      }
    } finally {
      tail.close()
    }
  }

  function stream(c: Context<Env>, tail: EventTail): Response {
    c.header('X-Accel-Buffering', 'no')
    return streamSSE(c, async (stream) => {
      let isOver = false
      const end = (): void => {
        isOver = true
        leave()
        tail.close()
      }
      const leave = whileWelcome(core, c, end)
      stream.onAbort(end)
      let goOn: () => void = () => {}
      let how: TailEnd | undefined
      void tail.ended.then((ended) => {
        how = ended
        goOn()
      })
      // Whoever breaks off before the first event comes back to where it began.
      await stream.write(`retry: ${RETRY_MS}\nid: ${tail.seen}\n\n`)
      try {
        while (!isOver) {
          const events = await tail.next(HEARTBEAT_MS)
          if (typeof events === 'string' || isOver) break
          const text = events.length === 0 ? ': still here\n\n' : events.map(frameOf).join('')
          // A reader that has stopped reading is not waited for any longer when it is known how this ends.
          await new Promise<void>((resolve) => {
            goOn = resolve
            void stream.write(text).then(() => resolve())
          })
        }
        if (!isOver && how === 'overflow') {
          const data = JSON.stringify({ resumeFrom: tail.seen })
          void stream.write(`event: overflow\ndata: ${data}\n\n`)
        }
      } finally {
        end()
      }
    })
  }

  return app
}

const frameOf = (event: EventView): string => `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`

const wanted = ({ type, actor, subject }: { type?: string[]; actor?: string; subject?: string }) => ({
  ...given('types', type),
  ...given('actor', actor),
  ...given('subject', subject),
})

const given = <K extends string, V>(name: K, value: V | undefined): { [key in K]?: V } =>
  (value === undefined ? {} : { [name]: value }) as { [key in K]?: V }

/** Where a stream that broke off goes on; browsers send it by themselves. */
function lastEventId(c: Context<Env>): number | undefined {
  const id = c.req.header('last-event-id')
  if (id === undefined || id === '') return undefined
  if (/^\d{1,15}$/.test(id)) return Number(id)
  throw new AppError('bad_request', 'Last-Event-ID must be the id of an event that this stream gave.')
}

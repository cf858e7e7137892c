import { Hono } from 'hono'
import { z } from 'zod'
import { escaped } from '#bots/email/html-text.ts'
import { lookAtUnsubscribe, unsubscribe } from '#core/mail/unsubscribe.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe, type RouteDoc } from '../openapi/describe.ts'
import { mailPage } from './mail-page.ts'

const query = z.strictObject({ token: z.string().max(600) })
const ROUTE = {
  group: 'inbound',
  asks: 'signed',
  query,
  answers: { 200: { media: 'text/html', says: 'A page' } },
} satisfies Omit<RouteDoc, 'summary'>
const WRONG = 'This link leads nowhere'

/**
 * Where mail about something that happened says that it need not come. Readers of mails POST there by themselves when somebody
 * presses their button (RFC 8058); opening it only shows, because programs open links as well. Nobody has to sign in for either.
 */
export function mailUnsubscribeRoutes({ core }: Pick<ServerDeps, 'core'>): Hono<Env> {
  const app = new Hono<Env>()

  app.get('/', describe({ summary: 'What would not come by mail any more', ...ROUTE }), (c) => {
    const token = tokenOf(c.req.query())
    return mailPage(WRONG, async () => {
      const { titles, isOff } = await lookAtUnsubscribe(core, token)
      if (isOff) return `<h1>Not by mail</h1>${listOf(titles)}<p>None of it comes by mail.</p>`
      return `<h1>Not by mail any more?</h1>${listOf(titles)}
<p>You hear of it on your other channels, or in the console.</p>
<form method="post" action="?token=${escaped(encodeURIComponent(token))}"><button>Not by mail any more</button></form>`
    })
  })

  app.post('/', describe({ summary: 'Have something not come by mail any more', ...ROUTE }), (c) =>
    mailPage(WRONG, async () => {
      const { titles } = await unsubscribe(core, tokenOf(c.req.query()))
      return `<h1>Done</h1>${listOf(titles)}<p>None of it comes by mail any more. The settings in the console bring it back.</p>`
    }),
  )
  return app
}

const listOf = (titles: readonly string[]): string =>
  `<ul>${titles.map((one) => `<li>${escaped(one)}</li>`).join('')}</ul>`

const tokenOf = (given: Record<string, string>): string => query.safeParse(given).data?.token ?? ''

import { Hono } from 'hono'
import { z } from 'zod'
import { escaped } from '#bots/email/html-text.ts'
import { confirmMail, lookAtQuestion } from '#core/mail/question.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe, type RouteDoc } from '../openapi/describe.ts'
import { mailPage } from './mail-page.ts'

const query = z.strictObject({ code: z.string().regex(/^[\w-]{22}$/) })
const ROUTE = {
  group: 'inbound',
  asks: 'signed',
  query,
  answers: { 200: { media: 'text/html', says: 'A page' } },
} satisfies Omit<RouteDoc, 'summary'>
const NOTHING = 'Nothing to confirm'

/**
 * Where the link leads that somebody gets whose mail did not prove who wrote it. Opening it changes nothing, because programs
 * open links as well; the button does.
 */
export function mailConfirmRoutes({ core }: Pick<ServerDeps, 'core'>): Hono<Env> {
  const app = new Hono<Env>()

  app.get('/', describe({ summary: 'What a mail would do', ...ROUTE }), (c) => {
    const code = codeOf(c.req.query())
    return mailPage(NOTHING, async () => {
      const { address, subject, text, files } = await lookAtQuestion(core, code)
      return `<h1>Is this mail yours?</h1><p>As <b>${escaped(address)}</b>, with the subject <b>${escaped(subject)}</b>, I was told:</p>
<pre>${escaped(text)}</pre>${files.length > 0 ? `<p>With ${files.map(escaped).join(', ')}</p>` : ''}
<form method="post" action="?code=${escaped(code)}"><button>Yes, do it</button></form>
<p>If it is not yours, close this page: nothing happens.</p>`
    })
  })

  app.post('/', describe({ summary: 'Have a mail do it', ...ROUTE }), (c) =>
    mailPage(NOTHING, async () => {
      await confirmMail(core, codeOf(c.req.query()))
      return '<h1>Done</h1><p>The answer comes by mail.</p>'
    }),
  )
  return app
}

const codeOf = (given: Record<string, string>): string => query.safeParse(given).data?.code ?? ''

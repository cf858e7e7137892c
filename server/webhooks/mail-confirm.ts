import { Hono } from 'hono'
import { z } from 'zod'
import { AppError } from '#core/errors.ts'
import { confirmMail, lookAtQuestion } from '#core/mail/question.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'

const PAGE = { media: 'text/html', says: 'A page' }
const query = z.strictObject({ code: z.string().regex(/^[\w-]{22}$/) })
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

/**
 * Where the link leads that somebody gets whose mail did not prove who wrote it. Opening it changes nothing, because programs
 * open links as well; the button does.
 */
export function mailConfirmRoutes({ core }: Pick<ServerDeps, 'core'>): Hono<Env> {
  const app = new Hono<Env>()

  app.get(
    '/',
    describe({ summary: 'What a mail would do', group: 'inbound', asks: 'signed', query, answers: { 200: PAGE } }),
    async (c) => {
      const { code } = codeOf(c.req.query())
      return answer(async () => {
        const { address, subject, text, files } = await lookAtQuestion(core, code)
        return `<h1>Is this mail yours?</h1><p>As <b>${escaped(address)}</b>, with the subject <b>${escaped(subject)}</b>, I was told:</p>
<pre>${escaped(text)}</pre>${files.length > 0 ? `<p>With ${files.map(escaped).join(', ')}</p>` : ''}
<form method="post" action="?code=${escaped(code)}"><button>Yes, do it</button></form>
<p>If it is not yours, close this page: nothing happens.</p>`
      })
    },
  )

  app.post(
    '/',
    describe({ summary: 'Have a mail do it', group: 'inbound', asks: 'signed', query, answers: { 200: PAGE } }),
    async (c) => {
      const { code } = codeOf(c.req.query())
      return answer(async () => {
        await confirmMail(core, code)
        return '<h1>Done</h1><p>The answer comes by mail.</p>'
      })
    },
  )
  return app
}

function codeOf(given: Record<string, string>): { code: string } {
  const { code = '' } = given
  return { code: /^[\w-]{22}$/.test(code) ? code : '' }
}

async function answer(make: () => Promise<string>): Promise<Response> {
  try {
    return page(200, await make())
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return page(404, `<h1>Nothing to confirm</h1><p>${escaped(error.message)}</p>`)
  }
}

const page = (status: number, body: string): Response =>
  new Response(
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Muster</title>
<style>body{font:16px/1.5 system-ui;max-width:40rem;margin:3rem auto;padding:0 1rem}pre{white-space:pre-wrap;background:#eee;padding:1rem}</style>
${body}</html>`,
    {
      status,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': POLICY,
        'cache-control': 'no-store',
      },
    },
  )

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign)

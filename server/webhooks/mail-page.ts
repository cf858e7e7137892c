import { escaped } from '#bots/email/html-text.ts'
import { AppError } from '#core/errors.ts'

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

/** A small page that a link in a mail opens; 404 with the reason where there is nothing behind the link. */
export async function mailPage(title: string, make: () => Promise<string>): Promise<Response> {
  try {
    return page(200, await make())
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return page(404, `<h1>${escaped(title)}</h1><p>${escaped(error.message)}</p>`)
  }
}

const page = (status: number, body: string): Response =>
  new Response(
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex"><title>Muster</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui;max-width:40rem;margin:3rem auto;padding:0 1rem}pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#8882;border-radius:6px;padding:1rem}button{font:inherit;padding:.5rem 1rem;cursor:pointer}</style>
<main>${body}</main></html>`,
    {
      status,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': POLICY,
        'cache-control': 'no-store',
      },
    },
  )

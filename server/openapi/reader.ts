import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Hono } from 'hono'
import type { Env } from '../env.ts'
import { describe } from './describe.ts'

/** Beside the console, which is built with it and serves its files. */
const SCRIPT = join(import.meta.dirname, '..', 'console', 'dist', 'docs', 'reader.js')

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Muster API</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
</head>
<body>
<div id="reader"></div>
<script src="/docs/reader.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`

/** The reader sets styles as it goes, so those may stand in the page; scripts, fonts and requests are from here alone. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "style-src 'self' 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** `/docs`: the document for people, from this machine alone. */
export function readerRoutes(): Hono<Env> {
  const app = new Hono<Env>()
  app.get(
    '/docs',
    describe({
      summary: 'This document, to be read',
      group: 'ops',
      asks: 'nobody',
      answers: { 200: { media: 'text/html', says: 'A page' }, 503: { media: 'text/plain', says: 'It is not built' } },
    }),
    (c) => {
      if (!existsSync(SCRIPT)) return c.text('The reader is not built. Run: npm run console:build', 503)
      c.header('Content-Security-Policy', POLICY)
      c.header('X-Frame-Options', 'DENY')
      c.header('Cache-Control', 'no-store')
      return c.html(PAGE)
    },
  )
  app.use('/docs/*', async function keepForAnHour(c, next) {
    await next()
    if (c.res.ok) c.res.headers.set('Cache-Control', 'public, max-age=3600')
  })
  return app
}

import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import { type Context, Hono } from 'hono'
import type { Env } from './env.ts'

const ROOT = join(import.meta.dirname, 'console', 'dist')

/** The console as it was built by `npm ci`; pages of it are all the one document, whatever their path. */
export function consoleRoutes(): Hono<Env> {
  const app = new Hono<Env>()
  const page = join(ROOT, 'index.html')
  if (!existsSync(page)) {
    app.get('*', (c) => c.text('The console is not built. Run: npm run console:build', 503))
    return app
  }
  const html = readFileSync(page, 'utf8')
  app.use('/assets/*', async function keepForEver(c, next) {
    await next()
    // Their names change with their content.
    if (c.res.ok) c.res.headers.set('Cache-Control', 'public, max-age=31536000, immutable')
  })
  const file = serveStatic<Env>({ root: ROOT })
  // What has an ending is a file; everything else is a page, and all pages are the one document.
  app.use('*', (c, next) => (isFile(c.req.path) ? file(c, next) : next()))
  app.get('*', (c) => (isFile(c.req.path) ? c.notFound() : document(c, html)))
  return app
}

const isFile = (path: string): boolean => /\.\w+$/.test(path) && path !== '/index.html'

function document(c: Context<Env>, html: string): Response | Promise<Response> {
  const nonce = randomBytes(16).toString('base64')
  c.header('Content-Security-Policy', policy(nonce))
  c.header('X-Frame-Options', 'DENY')
  c.header('Cache-Control', 'no-store')
  return c.html(html.replaceAll('__CSP_NONCE__', nonce))
}

/** Scripts only from our own files, styles also by nonce; Mantine sets inline style attributes. */
const policy = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')

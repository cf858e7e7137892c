import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname, join, normalize } from 'node:path'

/** The built console. */
const DIST = new URL('../../server/console/dist', import.meta.url).pathname

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

const policy = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')

/** Serves the console as the server does: files as they are, everything else is index.html with a fresh nonce. */
export async function serveConsole(pathname: string, response: ServerResponse): Promise<void> {
  const file = normalize(pathname)
  const isFile = extname(file) !== '' && !file.includes('..')
  const body = await readFile(join(DIST, isFile ? file : 'index.html')).catch(() => undefined)
  if (!body) {
    response.writeHead(404).end()
    return
  }
  const nonce = randomBytes(16).toString('base64')
  response.writeHead(200, {
    'content-type': TYPES[isFile ? extname(file) : '.html'] ?? 'application/octet-stream',
    'content-security-policy': policy(nonce),
    'x-content-type-options': 'nosniff',
  })
  response.end(isFile ? body : body.toString().replaceAll('__CSP_NONCE__', nonce))
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Socket } from 'node:net'

/** What a server of each provider answers, as far as a test of a connection goes: by its documented errors. */
export type Fault =
  | 'auth_failed'
  | 'forbidden'
  | 'rate_limited'
  | 'quota_exhausted'
  | 'model_not_found'
  | 'timeout'
  | 'network'
  | 'provider_5xx'
  | 'bad_response'

type Style = 'openai' | 'anthropic' | 'google' | 'plain'

/** Where each looks for the secret. */
const shownTo = (style: Style, { headers }: IncomingMessage): string | undefined => {
  if (style === 'anthropic') return headers['x-api-key'] as string | undefined
  if (style === 'google') return headers['x-goog-api-key'] as string | undefined
  return headers.authorization?.replace(/^Bearer /, '')
}

const ANSWERS: Record<Style, object> = {
  openai: { object: 'list', data: [{ id: 'gpt-1', object: 'model' }] },
  anthropic: { data: [{ type: 'model', id: 'claude-1' }], has_more: false },
  google: { models: [{ name: 'models/gemini-1' }] },
  plain: { id: '1', version: '4.2.0' },
}
const HEADERS: Record<Style, Record<string, string>> = {
  openai: { 'openai-version': '2020-10-01' },
  anthropic: {},
  google: {},
  plain: {},
}

const error = (style: Style, code: string, message: string): object => {
  if (style === 'anthropic') return { type: 'error', error: { type: code, message } }
  if (style === 'google') return { error: { code: 400, status: code, message } }
  return { error: { code, type: code, message } }
}

/** Answers like a provider that knows one secret, and says it back in whatever it complains about. */
export function answerLike(style: Style, secret: string, fault: () => Fault | undefined) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const say = (status: number, body: object | string): void => {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      response.writeHead(status, { 'content-type': 'application/json', ...HEADERS[style] }).end(text)
    }
    const shown = shownTo(style, request)
    if (shown !== secret) {
      say(style === 'google' ? 400 : 401, error(style, 'API_KEY_INVALID', `Bad key: ${shown}`))
      return
    }
    const what = fault()
    if (what === 'network') request.socket.destroy()
    else if (what !== 'timeout') say(...answerTo(style, secret, what))
  }
}

function answerTo(
  style: Style,
  secret: string,
  fault: Exclude<Fault, 'network' | 'timeout'> | undefined,
): [status: number, body: object | string] {
  switch (fault) {
    case undefined:
      return [200, ANSWERS[style]]
    case 'auth_failed':
      return style === 'google'
        ? [400, error(style, 'INVALID_ARGUMENT', `API key not valid: ${secret}`)]
        : [401, error(style, 'invalid_api_key', `Incorrect API key provided: ${secret}`)]
    case 'forbidden':
      return [403, error(style, 'permission_error', `${secret} may not`)]
    case 'rate_limited':
      return [429, error(style, 'rate_limit_exceeded', 'Slow down')]
    case 'quota_exhausted':
      return style === 'anthropic'
        ? [400, error(style, 'invalid_request_error', 'Your credit balance is too low')]
        : [429, error(style, 'insufficient_quota', 'You exceeded your current quota')]
    case 'model_not_found':
      return [404, error(style, 'not_found', 'There is no such model')]
    case 'provider_5xx':
      return [style === 'anthropic' ? 529 : 503, error(style, 'overloaded_error', 'Overloaded')]
    case 'bad_response':
      return [200, `<html>${secret}</html>`]
  }
}

/** A mail server that knows one user, and repeats what it was sent. */
export async function mailServer(user: string, password: string): Promise<{ host: string; close(): Promise<void> }> {
  const expected = Buffer.from(`\0${user}\0${password}`).toString('base64')
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.write('220 mail.example ESMTP Postfix\r\n')
    socket.on('data', (chunk) => {
      const line = chunk.toString().trim()
      if (line.startsWith('EHLO')) socket.write('250-mail.example\r\n250-AUTH PLAIN\r\n250 SIZE 1\r\n')
      else if (line === `AUTH PLAIN ${expected}`) socket.write('235 2.7.0 OK\r\n')
      else
        socket.write(
          `535 5.7.8 No: ${
            Buffer.from(line.split(' ')[2] ?? '', 'base64')
              .toString()
              .split('\0')[2]
          }\r\n`,
        )
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  return {
    host: `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    close: () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => done())
      }),
  }
}

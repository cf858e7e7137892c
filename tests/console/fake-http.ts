import type { IncomingMessage, ServerResponse } from 'node:http'

export interface Answer {
  status: number
  body?: unknown
}

/** A refusal as the API words it: problem+json. */
export const problem = (status: number, code: string, detail: string, errors: unknown[] = []): Answer => ({
  status,
  body: { type: 'about:blank', title: code, status, detail, code, requestId: 'req_test_1', errors },
})

export function send(response: ServerResponse, { status, body }: Answer): void {
  const type = status >= 400 ? 'application/problem+json' : 'application/json'
  response.writeHead(status, { 'content-type': type })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}

export async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

export const parse = (body: Buffer): Record<string, unknown> => (body.length ? JSON.parse(body.toString()) : {})

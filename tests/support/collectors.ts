import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

export interface Received {
  url: string
  body: string
}

/** A Sentry and an OTLP collector in one: takes whatever is sent to it, and keeps it. */
export interface Collector {
  url: string
  dsn: string
  received: Received[]
  reports(): Received[]
  spans(): Span[]
  stop(): Promise<void>
}

export interface Span {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  attributes: Record<string, unknown>
}

export async function startCollector({ key = 'public', status = 200 } = {}): Promise<Collector> {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const bytes = Buffer.concat(chunks)
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes
    received.push({ url: request.url ?? '', body: body.toString('utf8') })
    response.writeHead(status, { 'Content-Type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    dsn: `http://${key}@127.0.0.1:${port}/7`,
    received,
    reports: () => received.filter(({ url }) => url.startsWith('/api/7/envelope/')),
    spans: () => received.filter(({ url }) => url === '/v1/traces').flatMap(({ body }) => spansIn(JSON.parse(body))),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Exported {
  resourceSpans: { scopeSpans: { spans: (Omit<Span, 'attributes'> & { attributes: Attribute[] })[] }[] }[]
}
interface Attribute {
  key: string
  value: Record<string, unknown>
}

const spansIn = ({ resourceSpans }: Exported): Span[] =>
  resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap(({ spans }) => spans)
    .map((span) => ({
      ...span,
      attributes: Object.fromEntries(span.attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
    }))

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Webhook } from 'standardwebhooks'

/** A job as this provider remembers it. */
export interface PeerJob {
  id: string
  key: string
  callbackUrl: string
  params: unknown
  /** How often it was handed in; it is done, and charged, once. */
  submissions: number
  polls: number
  /** What each poll said who it is. */
  askedBy: (string | undefined)[]
  status: string
  output: unknown
}

export interface Peer {
  /** `127.0.0.1:<port>`, for OUTBOUND_ALLOW. */
  host: string
  url: string
  jobs: PeerJob[]
  /** Headers of every submission, in order. */
  seen: Record<string, string>[]
  /** What happens with a submission before it is answered; the default answers at once. */
  onSubmit(behave: (job: PeerJob, answer: Answer) => Promise<void> | void): void
  /** Job by job, as the provider has ended it; polls say so, callbacks only when they are sent. */
  end(job: PeerJob, status: string, output?: unknown): void
  /** How callbacks leave; over the network when nothing is said. */
  sendThrough(send: Send): void
  /** Sends what a callback would say → the status of our answer. */
  callBack(job: PeerJob, change?: object, secret?: string): Promise<number>
  close(): Promise<void>
}

export interface Answer {
  ok(body?: object): void
  fail(status: number): void
  /** Ends the connection without a word. */
  hangUp(): void
}

export type Send = (
  url: string,
  init: { method: string; headers: Record<string, string>; body: string },
) => Promise<Response>

/** A provider that takes jobs, works for as long as a test wants, and calls back however a test wants. */
export async function startProvider(): Promise<Peer> {
  let send: Send = fetch
  const jobs: PeerJob[] = []
  const seen: Record<string, string>[] = []
  const sockets = new Set<Socket>()
  let behave: Parameters<Peer['onSubmit']>[0] = (_, answer) => answer.ok()

  const server = createServer(async (request, response) => {
    if (request.method === 'POST' && request.url === '/jobs') await submit(request, response)
    else poll(request, response)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })

  async function submit(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await textOf(request)
    if (text === undefined) return
    const headers = request.headers as Record<string, string>
    seen.push({ ...headers, 'x-body': text })
    const { callback, params } = JSON.parse(text) as { callback: string; params: unknown }
    // Without a key nobody can tell that it is the same job once more.
    const key = headers['idempotency-key'] ?? ''
    let job = key === '' ? undefined : jobs.find((one) => one.key === key)
    if (!job) {
      job = {
        id: `job-${jobs.length + 1}`,
        key,
        callbackUrl: callback,
        params,
        submissions: 0,
        polls: 0,
        askedBy: [],
        status: 'working',
        output: null,
      }
      jobs.push(job)
    }
    job.submissions++
    await behave(job, answerFor(job, response))
  }

  function poll(request: IncomingMessage, response: ServerResponse): void {
    const job = jobs.find(({ id }) => request.url === `/jobs/${id}`)
    if (!job) {
      response.writeHead(404).end()
      return
    }
    job.polls++
    job.askedBy.push(request.headers.authorization)
    json(response, 200, { id: job.id, status: job.status, output: job.output })
  }

  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  const host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  return {
    host,
    url: `http://${host}`,
    jobs,
    seen,
    onSubmit: (next) => {
      behave = next
    },
    sendThrough: (next) => {
      send = next
    },
    end: (job, status, output = { made: 'it' }) => Object.assign(job, { status, output }),
    callBack: async (job, change = {}, secret) => {
      const body = JSON.stringify({ id: job.id, status: job.status, output: job.output, ...change })
      const headers = { 'Content-Type': 'application/json', ...(secret ? signature(secret, body) : {}) }
      return (await send(job.callbackUrl, { method: 'POST', headers, body })).status
    },
    close: () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => done())
      }),
  }
}

/** Undefined when whoever spoke was gone before the end of it. */
async function textOf(request: IncomingMessage): Promise<string | undefined> {
  try {
    let text = ''
    for await (const chunk of request) text += chunk
    return text
  } catch {
    return undefined
  }
}

const answerFor = (job: PeerJob, response: ServerResponse): Answer => ({
  ok: (body) => json(response, 201, { id: job.id, status: job.status, ...body }),
  fail: (status) => json(response, status, { error: 'not now' }),
  hangUp: () => void response.socket?.destroy(),
})

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}

function signature(secret: string, body: string): Record<string, string> {
  const at = new Date()
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign('msg_1', at, body),
  }
}

/** The provider as a context stores it. */
export const definitionFor = (peer: Pick<Peer, 'url'>, more: object = {}) => ({
  name: 'peer',
  description: '',
  submit: {
    method: 'POST' as const,
    url: `${peer.url}/jobs`,
    headers: { Authorization: 'Bearer peer-key-of-the-test' },
    query: {},
    body: { callback: '{{ callbackUrl }}', params: '{{ params }}' },
  },
  poll: null,
  runIdPath: 'id',
  statusPath: 'status',
  successValues: ['done'],
  failureValues: ['failed'],
  resultPath: 'output',
  errorPath: 'error',
  deadlineMs: 600_000,
  price: { unit: 'run' as const, rateUsd: '0.05', maxUsd: '0.05' },
  secret: null,
  connection: null,
  ...more,
})

export const pollTemplate = (peer: Pick<Peer, 'url'>) => ({
  method: 'GET' as const,
  url: `${peer.url}/jobs/{{ providerRunId }}`,
  headers: {},
  query: {},
  body: null,
})

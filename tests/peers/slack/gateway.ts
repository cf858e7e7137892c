import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { Deliveries } from './deliveries.ts'
import { Faults } from './faults.ts'
import { checkCall, checkMessage, type Refusal, type Workspace } from './methods.ts'
import type { Answer, LocalSlack } from './process.ts'
import { Sockets } from './sockets.ts'
import { Streams } from './streams.ts'
import type { CallRecord, Fault, Violation } from './types.ts'
import { Views } from './views.ts'

export interface Rules {
  botToken: string
  appToken: string
  signingSecret: string
  nowMs(): number
  /** The workspace as it is now. */
  workspace(): Promise<Workspace>
}

const JSON_ARGUMENTS = ['blocks', 'files', 'view']
const RESPONSE_USES_MAX = 5
const RESPONSE_MS = 30 * 60_000

/**
 * Stands before local-slack on a loopback port: keeps what was called, refuses what Slack would refuse, fails when told to.
 * Everything else is local-slack's own answer.
 */
export class Gateway {
  readonly calls: CallRecord[] = []
  readonly violations: Violation[] = []
  readonly faults = new Faults()
  readonly deliveries: Deliveries
  readonly sockets: Sockets
  readonly views: Views
  readonly streams = new Streams()
  /** Files that people put into dialogs, by their path. */
  readonly formFiles = new Map<string, Uint8Array>()
  readonly #rules: Rules
  readonly #server: http.Server
  readonly #responses = new Map<string, { uses: number; untilMs: number }>()
  #slack: LocalSlack | undefined

  constructor(rules: Rules) {
    this.#rules = rules
    this.views = new Views(rules.nowMs, (method, message) => this.violations.push({ method, message }))
    this.deliveries = new Deliveries(rules.signingSecret, rules.nowMs, (payload) => this.views.delivered(payload))
    this.sockets = new Sockets(() => this.#slack?.socketPath ?? '', this.deliveries)
    this.#server = http.createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        this.violations.push({ method: request.url ?? '', message: `the peer failed: ${error}` })
        response.destroy()
      })
    })
    this.#server.on('upgrade', (request, socket, head) => this.sockets.accept(request, socket, head))
  }

  async listen(wanted = 0): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(wanted, '127.0.0.1', resolve))
    return (this.#server.address() as AddressInfo).port
  }

  attach(slack: LocalSlack): void {
    this.#slack = slack
  }

  async stop(): Promise<void> {
    this.sockets.cut()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1')
    const body = await buffer(request)
    const [, first, second = ''] = pathname.split('/')
    if (first === '_deliver') return this.#deliver(request, body, response)
    if (first === 'api') return this.#call(second, argumentsOf(request, body), request, body, response)
    if (first === '_hooks') return this.#respond(pathname, body, response)
    if (first === 'upload') return this.#call('upload', {}, request, body, response)
    if (first === 'files-pri') return this.#call('download', {}, request, body, response)
    response.writeHead(404).end()
  }

  async #deliver(request: http.IncomingMessage, body: Buffer, response: http.ServerResponse): Promise<void> {
    const answer = await this.deliveries.post(body.toString(), request.headers['content-type'] ?? '')
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' })
    response.end(Buffer.from(await answer.arrayBuffer()))
  }

  async #call(
    method: string,
    args: Record<string, unknown>,
    request: http.IncomingMessage,
    body: Buffer,
    response: http.ServerResponse,
  ): Promise<void> {
    const call: CallRecord = { method, args, atMs: Date.now(), outcome: 'running', result: undefined }
    this.calls.push(call)
    const isApi = method !== 'upload' && method !== 'download'
    await this.#withFaults(call, response, async () => {
      const refusal = isApi ? await this.#refuse(call, request) : undefined
      if (refusal) return jsonAnswer(200, refusal)
      const stream = isApi ? await this.#stream(call, request) : undefined
      if (stream) return stream
      if (method.startsWith('views.')) return jsonAnswer(200, this.views.call(method, args))
      const kept = this.formFiles.get(request.url ?? '')
      if (kept) return { status: 200, headers: {}, body: Buffer.from(kept) }
      return this.#forward(request.method ?? 'POST', request.url ?? '', request.headers, body)
    })
  }

  async #stream({ method, args }: CallRecord, request: http.IncomingMessage): Promise<Answer | undefined> {
    const violate = (message: string): void => void this.violations.push({ method, message })
    const instead = this.streams.take(method, args, await this.#rules.workspace(), violate)
    if (!instead) return undefined
    if ('ok' in instead) return jsonAnswer(200, instead)
    const { authorization } = request.headers
    const headers = { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) }
    const body = Buffer.from(JSON.stringify(instead.args))
    const answer = await this.#forward('POST', `/api/${instead.method}`, headers, body)
    if (method === 'chat.startStream') this.streams.begun(args, resultOf(answer)?.ts)
    return answer
  }

  /** Messages through a response address: five in half an hour from the first, for the asker alone unless they say otherwise. */
  async #respond(path: string, body: Buffer, response: http.ServerResponse): Promise<void> {
    const args = JSON.parse(body.toString()) as Record<string, unknown>
    const call: CallRecord = { method: 'response_url', args, atMs: Date.now(), outcome: 'running', result: undefined }
    this.calls.push(call)
    const kept = this.#responses.get(path) ?? { uses: 0, untilMs: this.#rules.nowMs() + RESPONSE_MS }
    this.#responses.set(path, kept)
    await this.#withFaults(call, response, async () => {
      if (kept.uses >= RESPONSE_USES_MAX) return jsonAnswer(404, { ok: false, error: 'used_url' })
      if (this.#rules.nowMs() > kept.untilMs) return jsonAnswer(404, { ok: false, error: 'expired_url' })
      kept.uses++
      const refused = checkMessage(args, (message) => this.violations.push({ method: 'response_url', message }))
      if (refused) return jsonAnswer(400, refused)
      const sent = Buffer.from(JSON.stringify({ response_type: 'ephemeral', ...args }))
      return this.#forward('POST', path, { 'content-type': 'application/json' }, sent)
    })
  }

  async #refuse({ method, args }: CallRecord, request: http.IncomingMessage): Promise<Refusal | undefined> {
    const { botToken, appToken } = this.#rules
    const token = request.headers.authorization?.replace(/^Bearer /, '')
    if (token !== (method === 'apps.connections.open' ? appToken : botToken))
      return { ok: false, error: 'invalid_auth' }
    const violate = (message: string): void => void this.violations.push({ method, message })
    return checkCall(method, args, await this.#rules.workspace(), violate)
  }

  async #withFaults(call: CallRecord, response: http.ServerResponse, act: () => Promise<Answer>): Promise<void> {
    const fault = this.faults.next(call.method, call.args.channel)
    if (typeof fault === 'object' && 'delayMs' in fault) await sleep(fault.delayMs)
    const failure = fault && failureOf(fault)
    if (fault === 'drop-before') return drop(call, response)
    const answer = failure ?? (await act())
    if (fault === 'drop-after') return drop(call, response)
    call.outcome = 'answered'
    call.result = resultOf(answer)
    const { 'content-length': _, 'transfer-encoding': __, connection: ___, ...headers } = answer.headers
    response.writeHead(answer.status, headers).end(answer.body)
  }

  #forward(method: string, path: string, headers: http.IncomingHttpHeaders, body: Buffer): Promise<Answer> {
    if (!this.#slack) throw new Error('local-slack is not running')
    const { connection: _, 'transfer-encoding': __, ...kept } = headers
    return this.#slack.request(method, path, { ...kept, 'content-length': body.byteLength }, body)
  }
}

function drop(call: CallRecord, response: http.ServerResponse): void {
  call.outcome = 'dropped'
  response.destroy()
}

function failureOf(fault: Fault): Answer | undefined {
  if (typeof fault === 'string' || 'delayMs' in fault) return undefined
  if ('retryAfter' in fault) {
    return jsonAnswer(429, { ok: false, error: 'ratelimited' }, { 'retry-after': `${fault.retryAfter}` })
  }
  return 'refusal' in fault
    ? jsonAnswer(200, { ok: false, error: fault.refusal })
    : { status: fault.status, headers: {}, body: Buffer.from('Something went wrong') }
}

const jsonAnswer = (status: number, value: object, headers: http.IncomingHttpHeaders = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(JSON.stringify(value)),
})

function resultOf({ headers, body }: Answer): Record<string, unknown> | undefined {
  if (!headers['content-type']?.startsWith('application/json')) return undefined
  return JSON.parse(body.toString()) as Record<string, unknown>
}

function argumentsOf(request: http.IncomingMessage, body: Buffer): Record<string, unknown> {
  const isJson = request.headers['content-type']?.startsWith('application/json')
  if (isJson) return JSON.parse(body.toString()) as Record<string, unknown>
  const args: Record<string, unknown> = Object.fromEntries(new URLSearchParams(body.toString()))
  for (const name of JSON_ARGUMENTS) if (typeof args[name] === 'string') args[name] = JSON.parse(args[name])
  return args
}

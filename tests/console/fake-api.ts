import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FormPart, Part } from '#core/chat/message.ts'
import { plainText } from '#core/chat/plain.ts'
import { type Answer, parse, problem, read, send } from './fake-http.ts'
import { serveConsole } from './serve-console.ts'

/** A message as `GET /v1/chat/messages` gives it. */
export interface FakeMessage {
  id: string
  conversationId: string
  at: string
  editedAt?: string
  from: 'user' | 'bot'
  parts: Part[]
  text: string
  seq: number
}

interface Stored {
  name: string
  mediaType: string
  bytes: Buffer
}

interface Filled {
  formId: string
  values?: Record<string, unknown>
  files?: Record<string, string>
}

/** One request the console made to change something. */
export interface Posted {
  path: string
  body: Record<string, unknown>
  key: string | undefined
}

const COMMANDS = [
  { command: '/run', usage: '/run <job> [name=value …]', summary: 'Start a job and follow it here' },
  { command: '/jobs', usage: '/jobs', summary: 'Every job you can start' },
  { command: '/balance', usage: '/balance', summary: 'What is left in the wallet that pays' },
  { command: '/invitemember', usage: '/invitemember <user or e-mail> to <team>', summary: 'Invite somebody to a team' },
  { command: '/reviews', usage: '/reviews', summary: 'Reviews that wait for you' },
  { command: '/runs', usage: '/runs', summary: 'Your last runs and how they ended' },
]

/** The API the console is written against, in memory, over real HTTP and SSE. Tests steer it and read what it got. */
export class FakeApi {
  signedIn = true
  messages: FakeMessage[] = []
  posted: Posted[] = []
  balanceUsd = '41.200000'
  context = { type: 'team', id: 'team_1', name: 'Acme Research' }
  /** Answers of the bot to what a person says; tests replace it. */
  reply: (text: string, button?: string) => Part[][] = (text) => [[{ type: 'text', text: `You said: ${text}` }]]
  /** Taken by the next POST of a message instead of the ordinary answer; `cut` drops every connection until it is cleared. */
  nextPost: Answer | 'cut' | undefined
  /** Called once, when a page of the conversation was read and nobody listens yet. */
  afterPage: () => void = () => {}
  /** Waits before a message is answered. */
  delayMs = 0
  files = new Map<string, Stored>()
  /** Open forms, as `GET /v1/chat/forms/{id}` has them. */
  forms = new Map<string, FormPart>()
  /** What is wrong with a form when it is sent, by field. */
  check: (form: FormPart) => Record<string, string> = () => ({})
  url = ''
  #server = createServer((request, response) => void this.#route(request, response))
  #streams = new Set<ServerResponse>()
  #events: FakeMessage[] = []
  #seq = 0
  #nextId = 1
  #nowMs = Date.parse('2026-11-20T09:30:00Z')

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** Adds a message without telling anybody: history. */
  add(from: 'user' | 'bot', parts: Part[], at?: string): FakeMessage {
    this.#nowMs += 1_000
    const id = `msg_${String(this.#nextId++).padStart(6, '0')}`
    const now = at ?? new Date(this.#nowMs).toISOString()
    const seq = ++this.#seq
    const message: FakeMessage = { id, conversationId: 'conv_1', at: now, from, parts, text: plainText(parts), seq }
    this.messages.push(message)
    return message
  }

  /** The bot says something of its own accord. */
  say(...parts: Part[]): FakeMessage {
    const message = this.add('bot', parts)
    this.#emit(message)
    return message
  }

  edit(id: string, parts: Part[]): void {
    this.#nowMs += 1_000
    const index = this.messages.findIndex((message) => message.id === id)
    const before = this.messages[index]
    if (!before) throw new Error(`no message ${id}`)
    const editedAt = new Date(this.#nowMs).toISOString()
    const message = { ...before, parts, text: plainText(parts), editedAt, seq: ++this.#seq }
    this.messages[index] = message
    this.#emit(message)
  }

  get streamCount(): number {
    return this.#streams.size
  }

  /** Breaks every open stream, as a restart or a lost network would. */
  cutStreams(): void {
    for (const stream of this.#streams) stream.destroy()
    this.#streams.clear()
  }

  #emit(message: FakeMessage): void {
    this.#events.push(message)
    for (const stream of this.#streams) stream.write(eventText(message))
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url)
    if (!pathname.startsWith('/v1/')) return serveConsole(pathname, response)
    if (pathname === '/v1/chat/stream' && this.signedIn) return this.#stream(request, response, searchParams)
    if (pathname.startsWith('/v1/artifacts')) return this.#artifacts(request, response, pathname)
    const isChange = request.method === 'POST' || request.method === 'PUT'
    const body = isChange ? parse(await read(request)) : {}
    const key = request.headers['idempotency-key'] as string | undefined
    if (isChange) this.posted.push({ path: pathname, body, key })
    const answer = await this.#answer(request.method ?? 'GET', pathname, searchParams, body)
    if (answer === 'cut') request.socket.destroy()
    else send(response, answer)
  }

  async #answer(
    method: string,
    path: string,
    query: URLSearchParams,
    body: Record<string, unknown>,
  ): Promise<Answer | 'cut'> {
    if (['/v1/auth/claim', '/v1/auth/link', '/v1/auth/join'].includes(path)) return this.#enter(body)
    if (path === '/v1/auth/logout') {
      this.signedIn = false
      return { status: 204 }
    }
    if (path.startsWith('/v1/teams/invitations/') && method === 'GET') return invitation(path)
    if (!this.signedIn) return problem(401, 'unauthorized', 'Please sign in.')
    if (path.startsWith('/v1/teams/invitations/')) return { status: 204 }
    if (path === '/v1/me') return { status: 200, body: this.#me() }
    if (path === '/v1/wallet') return { status: 200, body: this.#wallet() }
    if (path === '/v1/chat/commands') return { status: 200, body: { items: COMMANDS } }
    if (path.startsWith('/v1/chat/forms/')) return this.#form(path.split('/').at(-1) ?? '', body)
    if (path === '/v1/chat/messages') return method === 'GET' ? this.#page(query) : this.#take(body)
    return problem(404, 'not_found', 'There is no such thing here.')
  }

  #enter(body: Record<string, unknown>): Answer {
    if (body.code === 'gone') return problem(410, 'expired', 'This code was used already or has expired.')
    if (body.handle === 'taken') {
      const errors = [{ path: 'handle', message: 'Somebody has this handle already.' }]
      return problem(409, 'conflict', 'The handle is taken.', errors)
    }
    this.signedIn = true
    return { status: 200, body: { accountId: 'acct_1' } }
  }

  #me(): unknown {
    const teams = [
      { id: 'team_1', name: 'Acme Research', role: 'owner' },
      { id: 'team_2', name: 'Night Desk', role: 'member' },
    ]
    const person = { accountId: 'acct_1', handle: 'ada', displayName: 'Ada Lovelace', platformRole: 'admin' }
    return { ...person, context: this.context, teams }
  }

  #wallet(): unknown {
    const limit = {
      name: 'team_monthly_cap',
      title: 'Team, this month',
      limitUsd: '100.00',
      usedUsd: '82.40',
      remainingUsd: '17.60',
    }
    return {
      context: { type: this.context.type, id: this.context.id },
      balanceUsd: '44.300000',
      heldUsd: '3.100000',
      availableUsd: this.balanceUsd,
      creditLimitUsd: '0.000000',
      debtUsd: '0.000000',
      limits: [{ ...limit, resetsAt: '2026-12-01T00:00:00Z' }],
    }
  }

  #page(query: URLSearchParams): Answer {
    const before = query.get('cursor')
    const end = before ? this.messages.findIndex((message) => message.id === before) : this.messages.length
    const start = Math.max(0, end - Number(query.get('limit') ?? 50))
    const items = this.messages.slice(start, end)
    const said = this.afterPage
    this.afterPage = () => {}
    said()
    return { status: 200, body: { items, nextCursor: start > 0 ? items[0]?.id : null } }
  }

  async #take(body: Record<string, unknown>): Promise<Answer | 'cut'> {
    if (this.delayMs) await new Promise((resolve) => setTimeout(resolve, this.delayMs))
    const planned = this.nextPost
    if (planned !== 'cut') this.nextPost = undefined
    if (planned) return planned
    const filled = body.form as Filled | undefined
    const sent = filled && this.#fill(filled.formId, filled)
    if (filled && !sent) return formIsOver()
    const wrong = Object.entries(sent ? this.check(sent) : {}).map(([path, message]) => ({ path, message }))
    if (wrong.length > 0) return problem(422, 'form_incomplete', 'Something is missing.', wrong)
    if (sent) this.forms.delete(sent.formId)
    const text = sent?.submitLabel ?? String(body.text ?? '')
    if (text.startsWith('/setcontext team ')) this.context = { type: 'team', id: 'team_2', name: 'Night Desk' }
    const files = ((body.files as string[] | undefined) ?? []).map((id) => this.#filePart(id))
    const message = this.add('user', [...(text ? [{ type: 'text', text } as const] : []), ...files])
    if (text) message.text = text
    this.#emit(message)
    const replies = this.reply(text, body.button as string | undefined).map((parts) => this.say(...parts))
    return { status: 200, body: { message, replies } }
  }

  #form(formId: string, body: Record<string, unknown>): Answer {
    const form = this.#fill(formId, body as unknown as Filled)
    return form ? { status: 200, body: { form } } : formIsOver()
  }

  /** As typed, wrong things too. */
  #fill(formId: string, { values = {}, files = {} }: Filled): FormPart | undefined {
    const form = this.forms.get(formId)
    if (!form) return undefined
    const named = Object.entries(files).map(([name, id]) => [name, this.files.get(id)?.name])
    const typed: Record<string, unknown> = { ...values, ...Object.fromEntries(named) }
    const fields = form.fields.map(({ value, ...field }) => {
      const now = field.name in typed ? typed[field.name] : value
      return now === undefined || now === null ? field : { ...field, value: String(now) }
    })
    const kept = { ...form, fields }
    this.forms.set(formId, kept)
    return kept
  }

  #filePart(id: string): Part {
    const file = this.files.get(id)
    if (!file) throw new Error(`no file ${id}`)
    const { name, mediaType, bytes } = file
    return { type: 'file', artifactId: id, name, mediaType, sizeBytes: bytes.length }
  }

  #stream(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    const last = Number(request.headers['last-event-id'] ?? query.get('after') ?? this.#seq)
    response.write(`id: ${last}\nevent: ready\nretry: 200\ndata: {}\n\n`)
    for (const message of this.#events) if (message.seq > last) response.write(eventText(message))
    this.#streams.add(response)
    response.on('close', () => this.#streams.delete(response))
  }

  async #artifacts(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    if (request.method === 'POST') {
      const headers = { 'content-type': request.headers['content-type'] ?? '' }
      const form = await new Response(new Uint8Array(await read(request)), { headers }).formData()
      const file = form.get('file') as File
      if (file.name.endsWith('.exe')) {
        return send(response, problem(413, 'too_large', 'This file is larger than 20 MB.'))
      }
      const id = `art_${this.files.size + 1}`
      const mediaType = file.type || 'application/octet-stream'
      this.files.set(id, { name: file.name, mediaType, bytes: Buffer.from(await file.arrayBuffer()) })
      return send(response, { status: 201, body: { id, name: file.name, mediaType, sizeBytes: file.size } })
    }
    const file = this.files.get(path.split('/').at(-1) ?? '')
    if (!file) return send(response, problem(404, 'not_found', 'There is no such file here.'))
    const disposition = `attachment; filename="${file.name}"`
    response.writeHead(200, { 'content-type': file.mediaType, 'content-disposition': disposition })
    response.end(file.bytes)
  }
}

const formIsOver = (): Answer => problem(404, 'not_found', 'This form is over.')

const eventText = (message: FakeMessage): string =>
  `id: ${message.seq}\nevent: message\ndata: ${JSON.stringify(message)}\n\n`

function invitation(path: string): Answer {
  if (path.endsWith('/gone')) return problem(410, 'expired', 'This invitation has expired.')
  const body = {
    teamName: 'Night Desk',
    role: 'member',
    invitedBy: 'Grace Hopper',
    status: 'open',
    expiresAt: '2026-11-27T09:30:00Z',
  }
  return { status: 200, body }
}

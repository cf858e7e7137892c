import type { Hono } from 'hono'
import { pino } from 'pino'
import { createRuleChannel } from '#bots/rule/answers.ts'
import { createWebChannel } from '#bots/web/chat.ts'
import { createHandle } from '#commands/dispatch.ts'
import { wordsOn } from '#commands/words/understand.ts'
import { createApiKey } from '#core/accounts/api-keys.ts'
import { createAccountByOperator } from '#core/accounts/create.ts'
import type { Senders } from '#core/chat/sender.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { createMailer } from '#core/outbound/mail.ts'
import { startWork } from '#core/work.ts'
import type { Dialect } from '#db/db.ts'
import { createApp } from '#server/app.ts'
import { readConfig } from '#server/config.ts'
import type { Env } from '#server/env.ts'
import { type Contract, contractOf, type Exchange } from '#tests/contract/contract.ts'
import { createWorld, type World, type WorldOptions } from '#tests/support/world.ts'

/** Somebody with an account and two API keys. */
export interface Person {
  accountId: string
  handle: string
  key: string
  /** May only read. */
  readKey: string
}

export interface Request {
  json?: unknown
  /** A body as it is, instead of `json`. */
  raw?: string | Uint8Array<ArrayBuffer>
  type?: string
  /** Idempotency-Key. */
  once?: string
  /** X-Execution-Context. */
  context?: string
  headers?: Record<string, string>
}

export interface Answer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: what comes back is looked at field by field
  body: any
  text: string
  headers: Headers
}

/** The real app on a real database, with its worker. */
export interface Api extends World {
  app: Hono<Env>
  routes: { method: string; path: string }[]
  /** A request with a person's key, a key itself, or nobody's. */
  call(who: Person | string | undefined, method: string, path: string, request?: Request): Promise<Answer>
  /** Any request, as it came over the wire. */
  fetch(url: string, init: RequestInit): Promise<Response>
  person(handle: string, options?: { admin?: boolean }): Promise<Person>
}

export async function createApi(
  dialect: Dialect,
  options: WorldOptions & { env?: Record<string, string>; stopping?: AbortSignal } = {},
): Promise<Api> {
  const world = await createWorld(dialect, options)
  const { core } = world
  await seedShipped(core)
  const senders: Senders = new Map([
    ['web', createWebChannel(core)],
    ['rule', createRuleChannel(core)],
  ])
  await startWork(core, { handle: createHandle(core, senders), senders, words: wordsOn(core) })
  const config = readConfig({ DATABASE_URL: world.databaseUrl, ...options.env })
  const mail = config.mail ? { mailer: createMailer(config.mail) } : {}
  const stopping = options.stopping ? { stopping: options.stopping } : {}
  const app = createApp({ core, config, log: quietLog(world.errors), channels: [], ...mail, ...stopping })
  const contract = contractOf(app)
  return {
    ...world,
    app,
    routes: app.routes,
    async call(who, method, path, request = {}) {
      const headers = headersOf(who, request)
      const body = bodyOf(request)
      const response = await app.request(path, { method, headers, body })
      const text = await response.text()
      const sent = typeof body === 'string' ? { sent: body } : {}
      const { status, headers: answered } = response
      keepPromise(contract, { method, path, headers, ...sent, status, answered, text })
      const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '')
      return { status: response.status, body: isJson ? JSON.parse(text) : undefined, text, headers: response.headers }
    },
    fetch: async (url, init) => app.request(new URL(url).pathname, init),
    async person(handle, { admin = false } = {}) {
      const { id } = await createAccountByOperator(core, { handle, admin })
      const [all, read] = await Promise.all(
        [[], ['read']].map((scopes) => createApiKey(core, id, { name: 'test', scopes, expiresAtMs: null })),
      )
      return { accountId: id, handle, key: all?.key ?? '', readKey: read?.key ?? '' }
    },
    async end() {
      await core.queue.stop(1_000)
      await world.end()
    },
  }
}

/** Whatever a test is about: what is asked and answered in it is as the document says. */
function keepPromise(contract: Contract, exchange: Exchange): void {
  const faults = contract.faults(exchange) ?? []
  if (faults.length === 0) return
  throw new Error(`${exchange.method} ${exchange.path} is not as described:\n- ${faults.join('\n- ')}`)
}

function headersOf(
  who: Person | string | undefined,
  { json, type, once, context, headers }: Request,
): Record<string, string> {
  const contentType = type ?? (json === undefined ? undefined : 'application/json')
  const key = typeof who === 'string' ? who : who?.key
  return {
    ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
    ...(contentType === undefined ? {} : { 'Content-Type': contentType }),
    ...(once === undefined ? {} : { 'Idempotency-Key': once }),
    ...(context === undefined ? {} : { 'X-Execution-Context': context }),
    ...headers,
  }
}

const bodyOf = ({ json, raw }: Request): string | Uint8Array<ArrayBuffer> | null =>
  raw === undefined ? (json === undefined ? null : JSON.stringify(json)) : raw

/** What the app logs as an error is kept where the core's errors are. */
const quietLog = (errors: unknown[]) =>
  pino({ level: 'error' }, { write: (line: string) => void errors.push(JSON.parse(line)) })

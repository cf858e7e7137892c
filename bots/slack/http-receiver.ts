import type { App, Receiver } from '@slack/bolt'
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/core.ts'
import { processHeld } from './held-ack.ts'
import { isSigned } from './signature.ts'

const BODY_MAX_BYTES = 1024 * 1024

interface Options {
  signingSecret: string
  clock: Clock
  log: Log
}

/** Takes Slack's webhook requests: nothing unsigned gets past the first lines, whatever it says it is. */
export class HttpReceiver implements Receiver {
  readonly #options: Options
  #app: App | undefined
  #isOpen = false

  constructor(options: Options) {
    this.#options = options
  }

  init(app: App): void {
    this.#app = app
  }

  async start(): Promise<void> {
    this.#isOpen = true
  }

  async stop(): Promise<void> {
    this.#isOpen = false
  }

  /** 200 once it is stored; 401 unsigned or old, 413 too large, 503 not started; 500 asks Slack to bring it again. */
  async handle(request: Request): Promise<Response> {
    if (request.method !== 'POST') return new Response(null, { status: 405, headers: { allow: 'POST' } })
    const bytes = await readUpTo(request, BODY_MAX_BYTES)
    if (!bytes) return new Response(null, { status: 413 })
    const { signingSecret, clock } = this.#options
    if (!isSigned(request.headers, bytes, signingSecret, clock.nowMs())) return new Response(null, { status: 401 })
    const body = parseBody(bytes, request.headers.get('content-type') ?? '')
    if (!body) return new Response(null, { status: 400 })
    if (body.type === 'url_verification') return Response.json({ challenge: body.challenge })
    if (body.ssl_check !== undefined) return new Response(null)
    return this.#process(body, request.headers)
  }

  async #process(body: Record<string, unknown>, headers: Headers): Promise<Response> {
    if (!this.#app || !this.#isOpen) return new Response(null, { status: 503 })
    const retryNum = Number(headers.get('x-slack-retry-num'))
    let response = new Response(null)
    try {
      await processHeld(this.#app, {
        body,
        ...(retryNum > 0 ? { retryNum, retryReason: headers.get('x-slack-retry-reason') ?? '' } : {}),
        ack: async (answer) => {
          if (answer) response = typeof answer === 'string' ? new Response(answer) : Response.json(answer)
        },
      })
      return response
    } catch (error) {
      this.#options.log.error({ err: error }, 'An update from Slack could not be stored; Slack will bring it again')
      return new Response(null, { status: 500 })
    }
  }
}

/** Undefined when it is longer; no more than that is ever held. */
async function readUpTo(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return undefined
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of request.body ?? []) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Events come as JSON, commands as a form, presses as JSON in a form's `payload`. Undefined for anything else. */
function parseBody(bytes: Uint8Array, contentType: string): Record<string, unknown> | undefined {
  const text = new TextDecoder().decode(bytes)
  if (contentType.startsWith('application/json')) return parseObject(text)
  const form = Object.fromEntries(new URLSearchParams(text))
  return form.payload === undefined ? form : parseObject(form.payload)
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

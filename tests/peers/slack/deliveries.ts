import { createHmac } from 'node:crypto'
import type { Delivery } from './types.ts'

export type Target = (request: Request) => Promise<Response>

/** What was brought to the bot, over either road, and whether it took it. */
export class Deliveries {
  readonly all: Delivery[] = []
  target: Target | undefined
  readonly #waiting = new Map<string, Delivery>()
  readonly #signingSecret: string
  readonly #nowMs: () => number
  readonly #seen: (payload: Delivery['payload']) => void

  /** `seen` is told of everything before the bot has it. */
  constructor(signingSecret: string, nowMs: () => number, seen: (payload: Delivery['payload']) => void) {
    this.#seen = seen
    this.#signingSecret = signingSecret
    this.#nowMs = nowMs
  }

  sent(kind: string, payload: Record<string, unknown>, envelopeId: string): void {
    this.#waiting.set(envelopeId, this.#begin(kind, payload))
  }

  acknowledged(envelopeId: string | undefined, answer: Record<string, unknown> | undefined): void {
    const delivery = this.#waiting.get(envelopeId ?? '')
    if (!delivery) return
    delivery.answer = answer
    delivery.isAcknowledged = true
  }

  #begin(kind: string, payload: Record<string, unknown>): Delivery {
    const delivery: Delivery = { kind, payload, isAcknowledged: false, answer: undefined, status: undefined }
    this.#seen(payload)
    this.all.push(delivery)
    return delivery
  }

  /** Over HTTP: signed for now, whatever local-slack's clock says. */
  async post(body: string, contentType: string, attempt = 0): Promise<Response> {
    const payload = payloadOf(body, contentType)
    const delivery = this.#begin(kindOf(payload), payload)
    if (!this.target) throw new Error('Nobody takes deliveries: call deliverTo first')
    const headers = { ...this.sign(body), 'content-type': contentType }
    const retry = attempt > 0 ? { 'x-slack-retry-num': `${attempt}`, 'x-slack-retry-reason': 'http_timeout' } : {}
    const request = new Request('http://127.0.0.1/webhooks/slack', {
      method: 'POST',
      headers: { ...headers, ...retry },
      body,
    })
    const response = await this.target(request)
    delivery.status = response.status
    const isJson = response.headers.get('content-type')?.startsWith('application/json')
    if (isJson) delivery.answer = (await response.clone().json()) as Record<string, unknown>
    delivery.isAcknowledged = response.status === 200
    return response
  }

  sign(body: string, atMs = this.#nowMs()): Record<string, string> {
    const timestamp = String(Math.floor(atMs / 1000))
    const hmac = createHmac('sha256', this.#signingSecret).update(`v0:${timestamp}:${body}`)
    return { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': `v0=${hmac.digest('hex')}` }
  }

  /** The body that carries this delivery over HTTP. */
  static encode({ kind, payload }: Delivery): { body: string; contentType: string } {
    if (kind === 'events_api') return { body: JSON.stringify(payload), contentType: 'application/json' }
    const form = kind === 'interactive' ? { payload: JSON.stringify(payload) } : (payload as Record<string, string>)
    return { body: new URLSearchParams(form).toString(), contentType: 'application/x-www-form-urlencoded' }
  }
}

function payloadOf(body: string, contentType: string): Record<string, unknown> {
  if (contentType.startsWith('application/json')) return JSON.parse(body) as Record<string, unknown>
  const form = Object.fromEntries(new URLSearchParams(body))
  return form.payload === undefined ? form : (JSON.parse(form.payload) as Record<string, unknown>)
}

const kindOf = (payload: Record<string, unknown>): string =>
  payload.type === 'event_callback' ? 'events_api' : payload.command === undefined ? 'interactive' : 'slash_commands'

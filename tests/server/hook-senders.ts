import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import type { SignatureScheme } from '#db/schema.ts'
import type { Answer, Api, Request } from './api.ts'

/** A request as a sender of that kind makes it. */
export interface Signed {
  raw: string
  headers: Record<string, string>
}

export interface Sending {
  secret: string
  body: string
  /** The sender's name for it. */
  id: string
  atMs: number
}

const hex = (secret: string, text: string): string => createHmac('sha256', secret).update(text).digest('hex')
const seconds = (atMs: number): number => Math.floor(atMs / 1000)

/** Made as each of them documents it, not as we check it. */
export const SENDERS: Record<SignatureScheme, (sending: Sending) => Signed> = {
  standard_webhooks: ({ secret, body, id, atMs }) => ({
    raw: body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(seconds(atMs)),
      'webhook-signature': new Webhook(secret).sign(id, new Date(atMs), body),
    },
  }),
  github: ({ secret, body, id }) => ({
    raw: body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'release',
      'x-github-delivery': id,
      'x-hub-signature-256': `sha256=${hex(secret, body)}`,
    },
  }),
  stripe: ({ secret, body, atMs }) => ({
    raw: body,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'stripe-signature': `t=${seconds(atMs)},v1=${hex(secret, `${seconds(atMs)}.${body}`)},v0=ignored`,
    },
  }),
  bearer: ({ secret, body, id }) => ({
    raw: body,
    headers: { 'content-type': 'application/json', 'x-delivery-id': id, authorization: `Bearer ${secret}` },
  }),
}

/** The header of each in which its signature stands. */
export const SIGNATURE: Record<SignatureScheme, string> = {
  standard_webhooks: 'webhook-signature',
  github: 'x-hub-signature-256',
  stripe: 'stripe-signature',
  bearer: 'authorization',
}

export const SCHEMES = Object.keys(SENDERS) as SignatureScheme[]

export const deliver = (api: Api, triggerId: string, { raw, headers }: Signed, more: Request = {}): Promise<Answer> =>
  api.call(undefined, 'POST', `/hooks/${triggerId}`, { raw, headers, ...more })

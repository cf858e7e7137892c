import type { SignatureScheme } from '#db/schema.ts'
import { AppError } from '../errors.ts'
import { sha256 } from '../ids.ts'
import { isJsonObject, type Json } from '../json.ts'
import type { RawRequest } from './signature.ts'

const ID = /^[\x21-\x7e]{1,200}$/
/** In which headers those who have no scheme of their own name a delivery; the first one that is there counts. */
const ID_HEADERS = ['idempotency-key', 'webhook-id', 'x-delivery-id', 'x-github-delivery']

export interface DeliveryName {
  /** The same for the same delivery, however often it comes. */
  key: string
  /** The sender's name for it. */
  externalId: string | null
}

/**
 * What a delivery is known by. Where its sender names none, an equal body is the same delivery; with a bearer secret, which
 * anybody may send by hand, each request is one of its own.
 */
export function deliveryNameOf(
  scheme: SignatureScheme,
  { bytes, headers }: RawRequest,
  body: Json,
  newSecret: () => string,
): DeliveryName {
  const given = givenId(scheme, headers, body)
  if (given !== undefined) return { key: `id:${given}`, externalId: given }
  return { key: scheme === 'bearer' ? `one:${newSecret()}` : `body:${sha256(bytes)}`, externalId: null }
}

function givenId(scheme: SignatureScheme, headers: RawRequest['headers'], body: Json): string | undefined {
  switch (scheme) {
    case 'standard_webhooks':
      return usable(headers['webhook-id'])
    case 'github':
      return usable(headers['x-github-delivery'])
    case 'stripe':
      return isJsonObject(body) && typeof body.id === 'string' && ID.test(body.id) ? body.id : undefined
    case 'bearer':
      return usable(ID_HEADERS.map((name) => headers[name]).find((value) => value !== undefined))
  }
}

function usable(id: string | undefined): string | undefined {
  if (id === undefined || ID.test(id)) return id
  throw new AppError('bad_request', 'The id of the delivery must be 1 to 200 visible ASCII characters.')
}

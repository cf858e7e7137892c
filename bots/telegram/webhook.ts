import { createHash, timingSafeEqual } from 'node:crypto'
import type { Update } from 'grammy/types'

const BODY_MAX_BYTES = 1024 * 1024
const SECRET_HEADER = 'x-telegram-bot-api-secret-token'

/** The update in a webhook request that Telegram signed, or the answer that refuses it. */
export async function readWebhook(request: Request, secret: string): Promise<Update | Response> {
  if (request.method !== 'POST') return answer(405, 'Telegram posts its updates.')
  if (!isSame(request.headers.get(SECRET_HEADER) ?? '', secret)) return answer(401, 'The secret token is not ours.')
  const bytes = await readLimited(request)
  if (!bytes) return answer(413, 'An update has no more than 1 MiB.')
  const update = parse(bytes)
  return isUpdate(update) ? update : answer(400, 'This is no update.')
}

export const answer = (status: number, text = ''): Response => new Response(text, { status })

/** Takes as long however much of it is right. */
const isSame = (given: string, secret: string): boolean => timingSafeEqual(digest(given), digest(secret))

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Undefined when there is more than fits, whatever the length that was promised. */
async function readLimited(request: Request): Promise<Uint8Array | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > BODY_MAX_BYTES) return undefined
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of request.body ?? []) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > BODY_MAX_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}

const isUpdate = (value: unknown): value is Update =>
  typeof value === 'object' && value !== null && Number.isSafeInteger((value as Update).update_id)

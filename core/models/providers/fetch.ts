import { originOf } from '../../connections/connection.ts'
import type { Outbound } from '../../outbound/outbound.ts'
import { OutboundError } from '../../outbound/outbound.ts'
import type { ModelCredential } from '../model.ts'

/** Longer answers than that are no answers of a model. */
const ANSWER_BYTES_MAX = 32 * 1024 * 1024
/** The step's own limit comes sooner, as a rule. */
const TIMEOUT_MS = 15 * 60 * 1000

/**
 * The way out as the libraries of the providers know it: the guarded client, and no other address than the
 * credential's. `onBegun`: an answer is on its way, so that something is used.
 */
export function fetchThrough(
  outbound: Pick<Outbound, 'open'>,
  { baseUrl }: ModelCredential,
  signal: AbortSignal,
  onBegun: () => void,
): typeof globalThis.fetch {
  return async (input, init = {}) => {
    const url = input instanceof Request ? input.url : String(input)
    if (originOf(url) !== originOf(baseUrl)) {
      throw new OutboundError('refused', `The key is for ${originOf(baseUrl)} and is sent nowhere else.`)
    }
    const { body } = init
    if (body !== undefined && body !== null && typeof body !== 'string') {
      throw new OutboundError('refused', 'Only text is sent to models.')
    }
    const answer = await outbound.open({
      method: init.method ?? 'GET',
      url,
      headers: Object.fromEntries(new Headers(init.headers)),
      ...(typeof body === 'string' ? { body } : {}),
      timeoutMs: TIMEOUT_MS,
      maxResponseBytes: ANSWER_BYTES_MAX,
      signal,
    })
    if (answer.status < 300) onBegun()
    return new Response(streamOf(answer.body), { status: answer.status, headers: readable(answer.headers) })
  }
}

function streamOf(body: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await pieces.return?.()
    },
  })
}

/** What came is unpacked already. */
const readable = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !/^(content-encoding|content-length)$/.test(name)))

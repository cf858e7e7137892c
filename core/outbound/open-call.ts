import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { explain } from './explain.ts'
import { cleanHeaders, plainHeaders } from './headers.ts'
import { OutboundError, type OutboundRequest, type OutboundStream } from './outbound.ts'
import { unpack } from './read-answer.ts'
import { type Rules, targetOf } from './target.ts'

/** Calls, and gives the answer as soon as its headers are there. See `Outbound.open`. */
export async function openCall(
  open: () => Promise<Dispatcher>,
  rules: Rules,
  { method, url: text, headers, body, timeoutMs, maxResponseBytes, signal: caller }: OutboundRequest,
): Promise<OutboundStream> {
  const limit = AbortSignal.timeout(timeoutMs)
  const signal = caller ? AbortSignal.any([caller, limit]) : limit
  const told = (error: unknown): OutboundError =>
    explain(error, { timeoutMs, isTimeout: limit.aborted && !caller?.aborted, isAborted: caller?.aborted ?? false })
  try {
    const url = targetOf(text, rules)
    const agent = await open()
    const answer = await agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: method as Dispatcher.HttpMethod,
      // Packed, it would come in lumps.
      headers: { ...cleanHeaders(headers ?? {}), 'accept-encoding': 'identity' },
      body: body ?? null,
      signal,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    })
    const plain = plainHeaders(answer.headers)
    const pieces = unpack(answer.body, plain['content-encoding'])
    return { status: answer.statusCode, headers: plain, body: readPieces(answer.body, pieces, maxResponseBytes, told) }
  } catch (error) {
    throw told(error)
  }
}

async function* readPieces(
  body: Readable,
  pieces: Readable,
  maxBytes: number,
  told: (error: unknown) => OutboundError,
): AsyncGenerator<Uint8Array> {
  let left = maxBytes
  try {
    for await (const piece of pieces as AsyncIterable<Uint8Array>) {
      left -= piece.byteLength
      if (left < 0) throw new OutboundError('unknown', `The answer is longer than ${maxBytes} bytes.`)
      yield piece
    }
  } catch (error) {
    throw told(error)
  } finally {
    pieces.destroy()
    body.on('error', () => {}).destroy()
  }
}

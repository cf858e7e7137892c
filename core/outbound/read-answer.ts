import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { OutboundError } from './outbound.ts'

/**
 * Reads so many bytes of an answer and no more. Packed ones are unpacked on the way and counted unpacked, so that a small
 * answer cannot become a large one; the rest is never received.
 */
export async function readAnswer(
  body: Readable,
  encoding: string | undefined,
  maxBytes: number,
): Promise<{ body: Uint8Array; isCut: boolean }> {
  const unpacked = unpack(body, encoding)
  const chunks: Uint8Array[] = []
  let left = maxBytes
  try {
    for await (const chunk of unpacked as AsyncIterable<Uint8Array>) {
      chunks.push(chunk.byteLength > left ? chunk.subarray(0, left) : chunk)
      left -= chunk.byteLength
      if (left < 0) return { body: Buffer.concat(chunks), isCut: true }
    }
    return { body: Buffer.concat(chunks), isCut: false }
  } finally {
    unpacked.destroy()
    // Ends the connection when there is more to come. What it says to that is nobody's business any more.
    body.on('error', () => {}).destroy()
  }
}

/** Throws an OutboundError for what was not asked for. */
export function unpack(body: Readable, encoding: string | undefined): Readable {
  const name = encoding?.trim().toLowerCase() ?? ''
  if (name === '' || name === 'identity') return body
  if (name !== 'gzip' && name !== 'x-gzip') {
    throw new OutboundError('unknown', `The answer is packed as ${name.slice(0, 40)}, which was not asked for.`)
  }
  const gunzip = createGunzip()
  // A pipe does not hand errors on.
  body.on('error', (error) => gunzip.destroy(error))
  return body.pipe(gunzip)
}

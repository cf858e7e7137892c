import type { Context } from 'hono'
import type { Env } from '../env.ts'

export const CSV = 'text/csv; charset=utf-8'

/** A file, sent as it is read. The first piece is awaited, so that a refusal is still an answer with its own status. */
export async function piecewise(
  c: Context<Env>,
  pieces: AsyncGenerator<string>,
  { name, media }: { name: string; media: string },
): Promise<Response> {
  const first = await pieces.next()
  async function* all(): AsyncGenerator<Uint8Array> {
    const encoder = new TextEncoder()
    if (!first.done) yield encoder.encode(first.value)
    for await (const piece of pieces) yield encoder.encode(piece)
  }
  return c.body(ReadableStream.from(all()) as ReadableStream, 200, {
    'Content-Type': media,
    'Content-Disposition': `attachment; filename="${name}"`,
  })
}

/** One WebSocket frame with its bytes as they came, so that it can be passed on unchanged. */
export interface Frame {
  opcode: number
  payload: Buffer
  raw: Buffer
}

const TEXT = 1

/** Takes bytes as they come and gives the frames that are complete with them. */
export class FrameReader {
  #rest = Buffer.alloc(0)

  push(bytes: Buffer): Frame[] {
    this.#rest = Buffer.concat([this.#rest, bytes])
    const frames: Frame[] = []
    for (let frame = this.#next(); frame; frame = this.#next()) frames.push(frame)
    return frames
  }

  #next(): Frame | undefined {
    const bytes = this.#rest
    if (bytes.length < 2) return undefined
    const isMasked = ((bytes[1] ?? 0) & 0x80) !== 0
    const short = (bytes[1] ?? 0) & 0x7f
    const lengthEnd = short === 126 ? 4 : short === 127 ? 10 : 2
    if (bytes.length < lengthEnd) return undefined
    const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
    const from = lengthEnd + (isMasked ? 4 : 0)
    if (bytes.length < from + length) return undefined
    const raw = bytes.subarray(0, from + length)
    const payload = Buffer.from(raw.subarray(from))
    if (isMasked)
      for (const index of payload.keys()) payload[index] = (payload[index] ?? 0) ^ (raw[lengthEnd + (index % 4)] ?? 0)
    this.#rest = bytes.subarray(from + length)
    return { opcode: (raw[0] ?? 0) & 0x0f, payload, raw }
  }
}

/** A text frame from a server: whole, and not masked. */
export function textFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  const head = Buffer.alloc(payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10)
  head[0] = 0x80 | TEXT
  head[1] = payload.length < 126 ? payload.length : payload.length < 65_536 ? 126 : 127
  if (head.length === 4) head.writeUInt16BE(payload.length, 2)
  if (head.length === 10) head.writeBigUInt64BE(BigInt(payload.length), 2)
  return Buffer.concat([head, payload])
}

export const isText = (frame: Frame): boolean => frame.opcode === TEXT

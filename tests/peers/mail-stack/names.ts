import { createSocket } from 'node:dgram'
import dns from 'node:dns'
import { resolve } from '#tests/bots/email/harness.ts'

/**
 * A name server for the domains that people of the tests write from: it has the keys that their mails are signed with, and
 * nothing else. The program asks it as it asks any other.
 */
export interface Names {
  /** As `dns.setServers` takes it. */
  address: string
  /** Every name that was asked for. */
  asked: string[]
  close(): void
}

const TXT = 16
const ANSWER = 0x8580
const NO_SUCH_NAME = 3
const TTL_SECONDS = 60
/** A text is in pieces, each with its length in one byte. */
const PIECE_MAX_BYTES = 255

export async function openNames(): Promise<Names> {
  const asked: string[] = []
  const socket = createSocket('udp4')
  socket.on('message', (query, { port, address }) => {
    const { name, type, end } = questionIn(query)
    asked.push(name)
    void textsOf(name, type).then((texts) => {
      const head = Buffer.alloc(12)
      query.copy(head, 0, 0, 2)
      head.writeUInt16BE(ANSWER | (texts ? 0 : NO_SUCH_NAME), 2)
      head.writeUInt16BE(1, 4)
      head.writeUInt16BE(texts ? 1 : 0, 6)
      socket.send(Buffer.concat([head, query.subarray(12, end), ...(texts ? [record(texts)] : [])]), port, address)
    })
  })
  await new Promise<void>((listening) => socket.bind(0, '127.0.0.1', listening))
  return { address: `127.0.0.1:${socket.address().port}`, asked, close: () => void socket.close() }
}

/** Has this whole process ask there; gives back how it was. */
export function askNames({ address }: Names): () => void {
  const before = dns.getServers()
  dns.setServers([address])
  return () => dns.setServers(before)
}

async function textsOf(name: string, type: number): Promise<string | undefined> {
  if (type !== TXT) return undefined
  const found = await resolve(name, 'TXT').catch(() => [])
  return found.flat()[0]
}

function questionIn(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += length + 1
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}

function record(text: string): Buffer {
  const pieces: Buffer[] = []
  for (let at = 0; at < text.length; at += PIECE_MAX_BYTES) {
    const piece = Buffer.from(text.slice(at, at + PIECE_MAX_BYTES), 'latin1')
    pieces.push(Buffer.from([piece.length]), piece)
  }
  const data = Buffer.concat(pieces)
  // The name is the one that was asked for; class IN.
  const head = Buffer.from([0xc0, 12, 0, TXT, 0, 1, 0, 0, 0, TTL_SECONDS, 0, 0])
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}

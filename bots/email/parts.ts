import { Readable } from 'node:stream'
import { giveBack } from './memory.ts'

/** What hangs on a mail, or stands in it as a file. */
export interface MailPart {
  filename: string | undefined
  contentType: string
  /** A picture of a page, for example. */
  isRelated: boolean
  sizeBytes: number
  /** Undefined when nobody wanted it. */
  bytes: Uint8Array | undefined
}

export interface Parts {
  text: string
  files: MailPart[]
  /** Gives back what the files take; they are empty afterwards. */
  forget(): void
}

type Wanted = (part: Pick<MailPart, 'filename' | 'contentType' | 'isRelated'>) => boolean

const HTML_MAX = 1_000_000
const PIECE_BYTES = 16 * 1024

/**
 * The words and the files of a mail; undefined for what cannot be read. A large mail is gone through piece by piece, and
 * what is decoded is held once: a process that reads mail has other things to do as well.
 */
export async function partsOf(raw: Uint8Array, isWanted: Wanted): Promise<Parts | undefined> {
  const { MailParser } = await import('mailparser')
  const source = Readable.from(piecesOf(raw))
  const parser = new MailParser({
    skipTextToHtml: true,
    skipImageLinks: true,
    maxHtmlLengthToParse: HTML_MAX,
  } as object)
  textWithNameIsFile(parser as unknown as NodeMaker)
  const files: MailPart[] = []
  const room = new Room(raw.byteLength)
  let text = ''
  try {
    for await (const data of source.pipe(parser)) {
      if (data.type === 'text') {
        text = data.text ?? (await textOfHtml(data.html))
        continue
      }
      const { filename, contentType } = data
      const isRelated = Boolean(data.related)
      const isKept = isWanted({ filename, contentType, isRelated })
      let sizeBytes = 0
      const from = room.used
      for await (const chunk of data.content as AsyncIterable<Buffer>) {
        sizeBytes += chunk.byteLength
        if (isKept) room.add(chunk)
      }
      data.release()
      files.push({ filename, contentType, isRelated, sizeBytes, bytes: isKept ? room.since(from) : undefined })
    }
    return { text, files, forget: () => room.giveBack() }
  } catch {
    return undefined
  } finally {
    source.destroy()
    parser.destroy()
  }
}

/** Words that are only HTML are made text by mailparser when they are the whole mail, and not beside a file or a picture. */
async function textOfHtml(html: unknown): Promise<string> {
  if (typeof html !== 'string') return ''
  const whole = `Content-Type: text/html; charset=utf-8\r\n\r\n${html.slice(0, HTML_MAX)}`
  return (await partsOf(Buffer.from(whole.toWellFormed()), () => false))?.text ?? ''
}

/** The part of mailparser that tells text from files; there is no option for it. */
interface NodeMaker {
  createNode(node: MimeNode): unknown
}

interface MimeNode {
  contentType: string | false
  disposition: string | false
  filename: string | false
  parentNode: MimeNode | false
}

/**
 * Programs attach texts with `inline`, or with a name and nothing else: by themselves these would become words of the mail.
 * What stands beside or within another text (`alternative`, `related`) is words, whatever it is called.
 */
function textWithNameIsFile(parser: NodeMaker): void {
  const createNode = parser.createNode.bind(parser)
  parser.createNode = (node) => {
    const isText = node.contentType === 'text/plain' || node.contentType === 'text/html'
    const isAmongParts = node.parentNode && node.parentNode.contentType === 'multipart/mixed'
    if (isText && isAmongParts && node.filename) node.disposition = 'attachment'
    return createNode(node)
  }
}

function* piecesOf(raw: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < raw.byteLength; at += PIECE_BYTES)
    yield Buffer.from(raw.buffer, raw.byteOffset + at, Math.min(PIECE_BYTES, raw.byteLength - at))
}

/** One place for all files of a mail. Decoded they are never larger than the mail; only what is written to takes memory. */
class Room {
  readonly #sizeBytes: number
  #bytes: Buffer | undefined
  used = 0

  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes
  }

  add(chunk: Buffer): void {
    this.#bytes ??= Buffer.allocUnsafeSlow(this.#sizeBytes)
    if (this.used + chunk.byteLength > this.#sizeBytes) throw new Error('A mail holds more than there is in it')
    this.#bytes.set(chunk, this.used)
    this.used += chunk.byteLength
  }

  giveBack(): void {
    if (this.#bytes) giveBack(this.#bytes)
  }

  since(from: number): Uint8Array {
    return (this.#bytes ?? Buffer.alloc(0)).subarray(from, this.used)
  }
}

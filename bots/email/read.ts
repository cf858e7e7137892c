import { Readable } from 'node:stream'
import type { MailFile } from '#core/mail/mail.ts'

/** As a mail is read: its words, and the files in it. */
export interface ReadMail {
  text: string
  files: MailFile[]
  /** What could not be taken, in sentences. */
  problems: string[]
}

/** Attachments are larger on the way than they are. */
export const MAIL_MAX_BYTES = 36 * 1024 * 1024
const FILES_MAX_BYTES = 25 * 1024 * 1024
const FILES_MAX = 20
const TEXT_MAX = 200_000
const HTML_MAX = 1_000_000
/** Mail that people write has a handful. */
const PARTS_MAX = 300
const BOUNDARIES_MAX = 40

const TAKEN =
  /^(text\/(plain|markdown|csv|html|xml|yaml|x-yaml|x-patch|x-diff|x-log|tab-separated-values)|application\/(json|pdf|xml|yaml|x-yaml|zip|octet-stream|vnd\.openxmlformats-officedocument\.[\w.]+)|image\/(png|jpeg|gif|webp))$/

/** Undefined for what is nobody's mail: too large, or built to be hard to read. */
export async function readMail(raw: Uint8Array): Promise<ReadMail | undefined> {
  if (raw.byteLength > MAIL_MAX_BYTES || isBuiltToHurt(raw)) return undefined
  const { simpleParser } = await import('mailparser')
  const mail = await simpleParser(Readable.from(piecesOf(raw)), {
    skipTextToHtml: true,
    skipImageLinks: true,
    maxHtmlLengthToParse: HTML_MAX,
  }).catch(() => undefined)
  if (!mail) return undefined
  const problems: string[] = []
  const files: MailFile[] = []
  let sizeBytes = 0
  for (const { filename, contentType, content, size, related } of mail.attachments) {
    // Pictures of a signature are no files that somebody attached.
    if (related && filename === undefined) continue
    const name = filename ?? 'file'
    sizeBytes += size
    if (files.length >= FILES_MAX) problems.push(`${name} was left out: there are more than ${FILES_MAX} files.`)
    else if (sizeBytes > FILES_MAX_BYTES) problems.push(`${name} was left out: files may have 25 MB together.`)
    else if (!TAKEN.test(contentType))
      problems.push(`${name} was left out: files of the type ${contentType} are not taken.`)
    else files.push({ name, mediaType: contentType, bytes: content })
  }
  return { text: clean((mail.text ?? '').slice(0, TEXT_MAX)), files, problems }
}

const PIECE_BYTES = 64 * 1024

/** What is made of a piece can be let go of before the next one. */
function* piecesOf(raw: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < raw.byteLength; at += PIECE_BYTES)
    yield Buffer.from(raw.buffer, raw.byteOffset + at, Math.min(PIECE_BYTES, raw.byteLength - at))
}

const WINDOW_BYTES = 1024 * 1024
/** Shorter than what is looked for, so that nothing on the border of two windows is missed or counted twice. */
const OVERLAP_BYTES = 12

/** Parts in parts cost more with each level; counted before anything is made of them, and never the whole mail at once. */
function isBuiltToHurt(raw: Uint8Array): boolean {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  let parts = 0
  let boundaries = 0
  for (let at = 0; at < bytes.length; at += WINDOW_BYTES) {
    const text = bytes.toString('latin1', Math.max(0, at - OVERLAP_BYTES), at + WINDOW_BYTES)
    parts += text.match(/content-type:/gi)?.length ?? 0
    boundaries += text.match(/boundary\*?0?\*?=/gi)?.length ?? 0
    if (parts > PARTS_MAX || boundaries > BOUNDARIES_MAX) return true
  }
  return false
}

/** Characters that nobody sees are no part of what somebody said. */
const clean = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll('\u00a0', ' ')
    .replaceAll(/[^\P{Cc}\n\t]+/gu, '')

import { oneLine } from '#core/cut.ts'
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
const NAME_MAX = 200
const PROBLEMS_MAX = 20
const TEXT_MAX = 200_000
const HTML_MAX = 1_000_000
/** Mail that people write has a handful. */
const PARTS_MAX = 300
const BOUNDARIES_MAX = 40

const TAKEN =
  /^(text\/(plain|markdown|csv|html|xml|yaml|x-yaml|tab-separated-values)|application\/(json|pdf|xml|yaml|x-yaml|zip|vnd\.openxmlformats-officedocument\.[\w.]+)|image\/(png|jpeg|gif|webp))$/

/** Clients that do not know what a file is say so, and its name tells. */
const BY_NAME: Record<string, string> = {
  txt: 'text/plain',
  log: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  json: 'application/json',
  yaml: 'application/yaml',
  yml: 'application/yaml',
  xml: 'application/xml',
  pdf: 'application/pdf',
  zip: 'application/zip',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
}

function typeOf(contentType: string, name: string): string {
  if (contentType !== 'application/octet-stream') return contentType
  return BY_NAME[/\.([a-z0-9]{1,5})$/i.exec(name)?.[1]?.toLowerCase() ?? ''] ?? contentType
}

/** Undefined for what is nobody's mail: too large, or built to be hard to read. */
export async function readMail(raw: Uint8Array): Promise<ReadMail | undefined> {
  if (raw.byteLength > MAIL_MAX_BYTES || isBuiltToHurt(raw)) return undefined
  const { simpleParser } = await import('mailparser')
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const mail = await simpleParser(bytes, {
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
    const name = oneLine(filename ?? 'file', NAME_MAX)
    const mediaType = typeOf(contentType, name)
    if (!TAKEN.test(mediaType)) {
      problems.push(`${name} was left out: files of the type ${mediaType} are not taken.`)
    } else if (files.length >= FILES_MAX) {
      problems.push(`${name} was left out: there are more than ${FILES_MAX} files.`)
    } else if (sizeBytes + size > FILES_MAX_BYTES) {
      problems.push(`${name} was left out: files may have 25 MB together.`)
    } else {
      sizeBytes += size
      files.push({ name, mediaType, bytes: content })
    }
  }
  return { text: clean(mail.text ?? '').slice(0, TEXT_MAX), files, problems: problems.slice(0, PROBLEMS_MAX) }
}

/** Parts in parts cost more with each level; counted before anything is made of them. */
function isBuiltToHurt(raw: Uint8Array): boolean {
  const text = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('latin1')
  return count(text, /\n?content-type:/gi, PARTS_MAX) || count(text, /boundary\*?0?\*?=/gi, BOUNDARIES_MAX)
}

function count(text: string, pattern: RegExp, most: number): boolean {
  let found = 0
  while (pattern.exec(text)) if (++found > most) return true
  return false
}

/** Characters that nobody sees are no part of what somebody said. */
const clean = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll('\u00a0', ' ')
    .replaceAll(/[^\P{Cc}\n\t]+/gu, '')

import { oneLine } from '#core/cut.ts'
import type { MailFile } from '#core/mail/mail.ts'
import type { Headers } from './headers.ts'
import { type MailPart, partsOf } from './parts.ts'

/** As a mail is read: its words, and the files in it. */
export interface ReadMail {
  text: string
  files: MailFile[]
  /** What could not be taken, in sentences. */
  problems: string[]
  /** Gives back what its files take; they are empty afterwards. */
  forget(): void
}

/** Attachments are larger on the way than they are. */
export const MAIL_MAX_BYTES = 36 * 1024 * 1024
const FILES_MAX_BYTES = 25 * 1024 * 1024
const FILES_MAX = 20
const NAME_MAX = 200
const LOGO_MAX_BYTES = 100 * 1024
const PROBLEMS_MAX = 20
const TEXT_MAX = 200_000
/** Of a mail that is nothing but its words, as it comes; they are held whole, and several times. */
const WORDS_MAX_BYTES = 4 * 1024 * 1024
/** Mail that people write has a handful. */
const PARTS_MAX = 300
const BOUNDARIES_MAX = 40
/** As many as 25 MB have that hang on a mail, and some more; shorter lines cost just as much each. */
const LINES_MAX = 700_000
const LINE_END = 10

const TAKEN =
  /^(text\/(plain|markdown|csv|html|xml|yaml|x-yaml|x-patch|x-diff|x-log|tab-separated-values)|application\/(json|pdf|xml|yaml|x-yaml|zip|vnd\.openxmlformats-officedocument\.[\w.]+)|image\/(png|jpeg|gif|webp))$/

/** Clients often do not know what a file is, and its name tells. */
const BY_NAME: Record<string, string> = {
  txt: 'text/plain',
  log: 'text/plain',
  patch: 'text/x-patch',
  diff: 'text/x-diff',
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

/** What programs call files that they do not know, or know by another name. */
const LOOSE =
  /^(application\/(octet-stream|(x-)?zip(-compressed)?|x-pdf|force-download|download)|image\/(pjpeg|jpg|x-png))$/
const IS_TEXT = /^text\/|^application\/(json|yaml|xml)$/

/**
 * A name that says text is believed whatever the type says: to us it is nothing but text. What is more than text must not be
 * called something else on purpose, as programs are.
 */
export function typeOf(contentType: string, name: string): string {
  if (TAKEN.test(contentType)) return contentType
  const named = BY_NAME[/\.([a-z0-9]{1,5})$/i.exec(name)?.[1]?.toLowerCase() ?? '']
  return named !== undefined && (IS_TEXT.test(named) || LOOSE.test(contentType)) ? named : contentType
}

/** Pictures of a signature, named or not, are no files that somebody attached. */
const isOfText = ({ filename, contentType, isRelated }: Pick<MailPart, 'filename' | 'contentType' | 'isRelated'>) =>
  isRelated && (filename === undefined || contentType.startsWith('image/'))

/** Whether it is worth a look: not what is too large to be a mail of somebody, or built to be hard to read. */
export const isReadable = (raw: Uint8Array, headers: Headers): boolean =>
  raw.byteLength <= (isAllWords(headers) ? WORDS_MAX_BYTES : MAIL_MAX_BYTES) && !isBuiltToHurt(raw)

/** Of a mail that is worth a look. Undefined for what cannot be read all the same. */
export async function readMail(raw: Uint8Array): Promise<ReadMail | undefined> {
  const mail = await partsOf(
    raw,
    (part) => !isOfText(part) && TAKEN.test(typeOf(part.contentType, part.filename ?? '')),
  )
  if (!mail) return undefined
  const problems: string[] = []
  if (mail.text.length > TEXT_MAX) problems.push('The text of the mail was cut: it may have 200,000 characters.')
  const files: MailFile[] = []
  let sizeBytes = 0
  const attached = mail.files.filter((part) => !isOfText(part))
  // Whoever attached a file means that one. Alone, a picture that is no logo of a signature may be what they mean.
  for (const { filename, sizeBytes: size } of attached.length > 0 ? [] : mail.files) {
    if (filename === undefined || size < LOGO_MAX_BYTES) continue
    problems.push(`${oneLine(filename, NAME_MAX)} was left out: it stands in the text of the mail.`)
  }
  for (const { filename, contentType, sizeBytes: size, bytes } of attached) {
    const name = oneLine(filename ?? 'file', NAME_MAX)
    const mediaType = typeOf(contentType, name)
    if (!TAKEN.test(mediaType) || !bytes) {
      problems.push(`${name} was left out: files of the type ${mediaType} are not taken.`)
    } else if (files.length >= FILES_MAX) {
      problems.push(`${name} was left out: there are more than ${FILES_MAX} files.`)
    } else if (sizeBytes + size > FILES_MAX_BYTES) {
      problems.push(`${name} was left out: files may have 25 MB together.`)
    } else {
      sizeBytes += size
      files.push({ name, mediaType, bytes })
    }
  }
  return {
    text: clean(mail.text.slice(0, TEXT_MAX)),
    files,
    problems: problems.slice(0, PROBLEMS_MAX),
    forget: mail.forget,
  }
}

const isAllWords = (headers: Headers): boolean =>
  /^(text\/|$)/i.test(headers.get('content-type') ?? '') &&
  !/^attachment\b/i.test(headers.get('content-disposition') ?? '')

const WINDOW_BYTES = 32 * 1024
/** Shorter than what is looked for, so that nothing on the border of two windows is missed or counted twice. */
const OVERLAP_BYTES = 12

/** Parts in parts cost more with each level, and lines by their number; counted before anything is made of them, and never the whole mail at once. */
function isBuiltToHurt(raw: Uint8Array): boolean {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  let lines = 0
  for (let at = bytes.indexOf(LINE_END); at >= 0; at = bytes.indexOf(LINE_END, at + 1))
    if (++lines > LINES_MAX) return true
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

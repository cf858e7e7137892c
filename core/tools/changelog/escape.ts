/**
 * People's words as Markdown that shows exactly these words. Only what would mean something is escaped, so that the source
 * stays readable too: `foo_bar`, `a > b` and `#12` are left alone.
 */
export const escapeText = (text: string): string => flat(text).split(' ').map(escapeWord).join(' ')

/** The same at the beginning of a list item, where `#`, `-` and `1.` would begin something. */
export const escapeItem = (text: string): string =>
  escapeText(text)
    .replace(/^(?=[-+>])/, '\\')
    .replace(/^(?=#{1,6}(?:\s|$))/, '\\')
    .replace(/^(\d{1,9})(?=[.)](?:\s|$))/, '$1\\')

/** The same as a heading, which ends without a full stop and in whose end `#` would close it. */
export const escapeHeading = (text: string): string =>
  escapeText(flat(text).replace(/[\s.,;:。，；：]+$/u, '') || 'Changelog').replace(/#$/, '\\#')

const flat = (text: string): string => text.replace(/\s+/gu, ' ').trim()

/** An address of nothing but harmless characters, perhaps in brackets or before a comma; it becomes a link to what it says. */
const PLAIN_URL = /^(\(?)(https?:\/\/[A-Za-z0-9](?:[A-Za-z0-9/.?=#%~+:@,_-]*[A-Za-z0-9/=#])?)([).,;:!?]*)$/

function escapeWord(word: string): string {
  const [, before, url, after] = PLAIN_URL.exec(word) ?? []
  return url === undefined ? escapePart(word) : `${before}<${url}>${after}`
}

function escapePart(text: string): string {
  return (
    text
      .replace(/[\\`*[\]<~$]/g, '\\$&')
      .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
      .replace(/&(?=#?\w)/g, '\\&')
      .replace(/(https?|ftp|mailto|xmpp):/gi, '$1\\:')
      .replace(/(www)\./gi, '$1\\.')
      .replace(/(?<=[\w.+-])@(?=[\w.-])/g, '\\@')
      // Prettier loses one of two escapes where a backslash stands before one of these.
      .replaceAll('\\\\\\*', '\\\\&#42;')
      .replaceAll('\\\\\\_', '\\\\&#95;')
  )
}

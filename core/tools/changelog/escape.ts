/**
 * People's words as Markdown that shows exactly these words. Only what would mean something is escaped, so that the source
 * stays readable too: `foo_bar`, `a > b` and `#12` are left alone.
 */
export function escapeText(text: string): string {
  return flat(text)
    .split(SAFE_URL)
    .map((part, index) => (index % 2 === 1 ? `<${part}>` : escapePart(part)))
    .join('')
}

/** The same at the beginning of a list item, where `#`, `-` and `1.` would begin something. */
export const escapeItem = (text: string): string =>
  escapeText(text)
    .replace(/^(?=[-+>|=:])/, '\\')
    .replace(/^(?=#{1,6}(?:\s|$))/, '\\')
    .replace(/^(\d{1,9})(?=[.)](?:\s|$))/, '$1\\')

/** The same as a heading, which ends without a full stop and in whose end `#` would close it. */
export const escapeHeading = (text: string): string =>
  escapeText(flat(text).replace(/[\s.,;:。，；：]+$/u, '') || 'Changelog').replace(/#$/, '\\#')

const flat = (text: string): string => text.replace(/\s+/gu, ' ').trim()

/** Addresses without anything that could be taken for an entity or an escape; they become links to what they say. */
const SAFE_URL =
  /\b(https?:\/\/[A-Za-z0-9](?:[A-Za-z0-9/.?=#%~+:@,_-]*[A-Za-z0-9/=#])?)(?![A-Za-z0-9/.?=#%~+:@,_&;$!*'()[\]-]*[&;$!*'()[\]])/

function escapePart(text: string): string {
  return text
    .replace(/[\\`*[\]<~$]/g, '\\$&')
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replace(/&(?=#?\w)/g, '\\&')
    .replace(/\b(https?|ftp|mailto|xmpp):/gi, '$1\\:')
    .replace(/\b(www)\./gi, '$1\\.')
    .replace(/(?<=[\w.+-])@(?=[\w-])/g, '\\@')
}

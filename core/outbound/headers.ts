import { OutboundError } from './outbound.ts'

/**
 * What a caller may not set: it belongs to the connection, it would go to another host than the one that was checked, or
 * it is what clouds ask for before they give their secrets away.
 */
const NOT_THEIRS =
  /^(host|connection|keep-alive|content-length|transfer-encoding|te|trailer|upgrade|expect|proxy-.*|metadata.*|x-aws-.*|x-google-metadata.*|accept-encoding)$/

/** What goes along when a redirect leads elsewhere. Anything else may be a credential. */
const HARMLESS = new Set(['accept', 'accept-language', 'content-type', 'user-agent'])

const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these end a header and begin another
const BREAKS = /[\u0000-\u0008\u000a-\u001f\u007f]/

/** Names in lower case, without those that are not the caller's to set. Refuses what would not stay one header. */
export function cleanHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const clean: Record<string, string> = { 'user-agent': 'Muster', 'accept-encoding': 'gzip' }
  for (const [given, value] of Object.entries(headers)) {
    const name = given.trim().toLowerCase()
    if (!NAME.test(name)) throw new OutboundError('refused', `“${given.slice(0, 60)}” cannot be the name of a header.`)
    if (BREAKS.test(value))
      throw new OutboundError('refused', `The header ${name} has characters that no header may have.`)
    if (!NOT_THEIRS.test(name)) clean[name] = Buffer.from(value, 'utf8').toString('latin1')
  }
  return clean
}

/** The headers that another origin may see. */
export const forOtherOrigin = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => HARMLESS.has(name) || name === 'accept-encoding'))

/** As an answer is kept: one text for each name. */
export function plainHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const plain: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value
  }
  return plain
}

import { isPublicAddress, literalAddress } from '../outbound/address.ts'
import type { Settings } from '../settings.ts'
import type { ChannelName } from './message.ts'

/** Names that lead nowhere, or to something else, outside of the machine or the network they are used in. */
const NAMES_AT_HOME =
  /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|private|lan|home|corp|home\.arpa|test|invalid)$/

/**
 * Where a page of the console opens from a channel: its path on the web chat, which is in the console; elsewhere its
 * address, or undefined where the people there could not open it. It is an address and no more: no secret, no right.
 */
export function consolePage(
  { publicUrl }: Pick<Settings, 'publicUrl'>,
  channel: ChannelName,
  path: `/${string}`,
): string | undefined {
  if (channel === 'web') return path
  return isOpenToOthers(publicUrl) ? `${publicUrl}${path}` : undefined
}

/**
 * Whether an address may be offered to people elsewhere: http(s), and neither this machine nor a network of its own.
 * Telegram refuses a whole message for one button to `localhost`.
 */
export function isOpenToOthers(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname, username, password } = new URL(address)
  if (!/^https?:$/.test(protocol) || username !== '' || password !== '') return false
  const literal = literalAddress(hostname)
  if (literal !== undefined) return isPublicAddress(literal)
  const name = hostname.toLowerCase().replace(/\.$/, '')
  return name.includes('.') && !NAMES_AT_HOME.test(name)
}

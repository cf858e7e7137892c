import { addressesIn, type Headers } from './headers.ts'
import { withoutTag } from './loops.ts'

/** Where a mail went, as its writer has it, and as the servers on the way noted down. */
const DELIVERED = ['to', 'cc', 'delivered-to', 'x-original-to']

/** What stands behind the `+` of our address, wherever the mail was delivered. Only `to` is always signed. */
export const tagsIn = (headers: Headers, own?: string, names: readonly string[] = DELIVERED): string[] =>
  names
    .flatMap((name) => headers.all(name))
    .flatMap(addressesIn)
    .flatMap((address) => {
      const tag = /\+([^@]*)@/.exec(address)?.[1]
      return tag && (own === undefined || withoutTag(address) === own) ? [tag] : []
    })

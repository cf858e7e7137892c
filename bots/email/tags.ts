import { addressIn, type Headers } from './headers.ts'
import { withoutTag } from './loops.ts'

/** What stands behind the `+` of our address, wherever the mail was delivered. */
export function tagsIn(headers: Headers, own?: string): string[] {
  const to = ['to', 'cc', 'delivered-to', 'x-original-to'].flatMap((name) => headers.all(name))
  return to
    .flatMap((value) => value.split(','))
    .flatMap((value) => {
      const address = addressIn(value.trim())
      const tag = address && /\+([^@]*)@/.exec(address)?.[1]
      return tag && (own === undefined || withoutTag(address) === own) ? [tag] : []
    })
}

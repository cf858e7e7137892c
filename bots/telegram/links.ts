/**
 * The address as Telegram takes it for a link or a button, or undefined. One that Telegram refuses, such as
 * `http://localhost/`, would take the whole message with it.
 */
export function linkUrl(target: string): string | undefined {
  if (!/^https?:\/\/[^\s]+$/i.test(target) || !URL.canParse(target)) return undefined
  const url = new URL(target)
  const isKnownToTelegram = /^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/.test(url.hostname)
  // A name before the host is there to make it look like another one.
  return isKnownToTelegram && url.username === '' && url.password === '' ? url.href : undefined
}

/** False for words that name another host than the one the link leads to. */
export function labelOf(words: string, url: string): boolean {
  const named = /(?:^|[\s(<"'])(?:https?:\/\/)?((?:[\p{L}\p{N}_-]+\.)+\p{L}{2,})(?=$|[\s/:?#)>"',.!;])/iu.exec(
    words,
  )?.[1]
  if (!named) return true
  const bare = (host: string): string => host.toLowerCase().replace(/^www\./, '')
  return bare(named) === bare(new URL(url).hostname)
}

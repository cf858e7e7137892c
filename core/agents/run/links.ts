/** `![words](address)`, `[words](address)`, with or without a title. */
const MARKED = /(!?)\[([^\]]*)\]\(\s*<?([^\s)>]*)>?[^)]*\)/g
/** `[name]: address` on a line of its own, which a link elsewhere stands for. */
const DEFINED = /^\s{0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s+.*)?$/gm
const TAGS = /<\/?(?:a|img|iframe|script|link|video|audio|source|object|embed|form)\b[^>]*>/gi
const BARE = /\b[a-z][a-z0-9+.-]*:\/\/[^\s<>"')\]]+/gi
/** What programs turn into links although nobody wrote `https`: `www.…`, or a name with something behind it. */
const IMPLIED = /(?<![\w./@-])(?:www\.[^\s<>"')\]]+|(?:[a-z0-9-]+\.)+[a-z]{2,}[/?][^\s<>"')\]]*)/gi
/** Words that call everybody in a room, or somebody by a platform's own mark. */
const CALLS = /<[!@#][^>]*>|@(?=(?:everyone|channel|here|all)\b)/gi

const REMOVED = '(link removed)'

/**
 * A model's text without links and images to hosts that nobody named, and without calling anybody: an address can carry away
 * what the model knows as soon as somebody looks at it or touches it.
 */
export function withoutForeignLinks(text: string, hosts: ReadonlySet<string>): string {
  const isKnown = (address: string): boolean => {
    const host = hostOf(address)
    return host !== undefined && hosts.has(host)
  }
  return text
    .replaceAll(MARKED, (whole, image: string, words: string, address: string) =>
      isKnown(address) ? whole : image === '!' ? words : words === '' ? REMOVED : words,
    )
    .replaceAll(DEFINED, (whole, address: string) => (isKnown(address) ? whole : REMOVED))
    .replaceAll(TAGS, '')
    .replaceAll(BARE, (address) => (isKnown(address) ? address : REMOVED))
    .replaceAll(IMPLIED, (address) => (isKnown(`https://${address}`) ? address : REMOVED))
    .replaceAll(CALLS, '')
}

/** The hosts of every address in a text: who wrote it has named them. */
export function hostsNamedIn(text: string): string[] {
  const addresses = [...text.matchAll(BARE), ...text.matchAll(IMPLIED)].map(([address]) => address)
  return addresses.flatMap(
    (address) => hostOf(/^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `https://${address}`) ?? [],
  )
}

function hostOf(address: string): string | undefined {
  const url = URL.parse(address)
  return url && (url.protocol === 'https:' || url.protocol === 'http:') ? url.host : undefined
}

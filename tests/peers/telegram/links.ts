/** Why Telegram would not take this as a link, or undefined when it would. A scheme is optional, as it is there. */
export function linkProblem(link: string, options: { httpsOnly?: boolean } = {}): string | undefined {
  const own = /^(tg|ton|tonsite):(\/\/)?/i.exec(link)
  const rest = own ? link.slice(own[0].length) : link
  const scheme = /^([^:/?#@[\]]*):\/\//.exec(rest)
  const protocol = scheme?.[1]?.toLowerCase() ?? 'http'
  if (protocol !== 'http' && protocol !== 'https') return 'Unsupported URL protocol'
  const authority = rest.slice(scheme?.[0].length ?? 0).split(/[/?#]/, 1)[0] ?? ''
  const hostAndPort = authority.slice(authority.lastIndexOf('@') + 1)
  const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(hostAndPort) ?? []
  if (port !== undefined && !(/^\d+$/.test(port) && Number(port) > 0 && Number(port) < 65_536)) {
    return 'Wrong port number specified in the URL'
  }
  if (host === '') return 'URL host is empty'
  if (host === '.') return 'Host is invalid'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what a host must not have
  if (/[\x00-\x20"<>\\^`{|}\x7f]/.test(host)) return 'Disallowed character in URL host'
  if (options.httpsOnly && (own || protocol !== 'https')) return 'Only HTTPS links are allowed'
  if (own) return /^[\w-]+(\.[\w-]+)*$/.test(host) ? undefined : 'Unallowed characters in URL host'
  if (!host.includes('.') && !host.startsWith('[')) return 'Wrong HTTP URL'
  return undefined
}

export const invalidLink = (link: string, problem: string): string => `URL '${link}' is invalid: ${problem}`

/**
 * True for an address at Slack: the host of the API or one below it, over the API's protocol.
 * Addresses come with messages, and the bot's token goes with the request.
 */
export function isAtSlack(address: string, apiUrl: string): boolean {
  if (!URL.canParse(address)) return false
  const url = new URL(address)
  const api = new URL(apiUrl)
  const isNear = url.host === api.host || url.host.endsWith(`.${api.host}`)
  return url.protocol === api.protocol && isNear && url.username === '' && url.password === ''
}

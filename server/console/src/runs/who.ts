import type { RunSummary } from '../api/types.ts'

const CHANNELS: Record<string, string> = {
  telegram: 'on Telegram',
  slack: 'on Slack',
  email: 'by e-mail',
  web: 'in the console',
  webhook: 'by a webhook',
  api: 'by the API',
  mcp: 'over MCP',
}

/** `you, in the web chat`, `@grace, on Telegram`. */
export const whoAndWhere = (initiator: RunSummary['initiator'], me: string): string =>
  `${whoOf(initiator, me)}, ${CHANNELS[initiator.channel] ?? initiator.channel}`

export function whoOf({ accountId, handle }: RunSummary['initiator'], me: string): string {
  if (accountId === me) return 'you'
  return handle === null ? 'somebody' : `@${handle}`
}

/** Where a message goes: a channel (`C…`, `G…`), a direct message (`D…`), and a thread in it when it has one. */
export interface Address {
  channel: string
  threadTs?: string
}

/** `C1` or `C1:169.1`, as the core knows the conversation. */
export const conversationOf = (channel: string, threadTs?: string): string =>
  threadTs ? `${channel}:${threadTs}` : channel

export function parseConversation(conversation: string): Address {
  const [channel = '', threadTs] = conversation.split(':')
  return threadTs ? { channel, threadTs } : { channel }
}

export const messageRefOf = (channel: string, ts: string): string => `${channel}/${ts}`

/** Undefined for what has no message to edit: an answer through a `response_url`, a file. */
export function parseMessageRef(messageRef: string): { channel: string; ts: string } | undefined {
  const [, channel, ts] = /^([A-Z0-9]+)\/(\d+\.\d+)$/.exec(messageRef) ?? []
  return channel && ts ? { channel, ts } : undefined
}

/** A conversation with one person. Slack's ids say so by their first letter. */
export const isDirect = (conversation: string): boolean => conversation.startsWith('D')

export const externalIdOf = (teamId: string, userId: string): string => `${teamId}:${userId}`

/** The user behind an external id (`T1:U1`). */
export const userIdOf = (externalId: string): string => externalId.slice(externalId.lastIndexOf(':') + 1)

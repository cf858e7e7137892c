/** A chat, and the topic in it when it is a forum. */
export interface Place {
  chatId: number
  threadId?: number
}

/** `123`, or `-100123:45` for a topic. */
export const conversationOf = (chatId: number, threadId?: number): string =>
  threadId === undefined ? String(chatId) : `${chatId}:${threadId}`

export function parseConversation(conversation: string): Place | undefined {
  const [, chatId, threadId] = /^(-?\d{1,16})(?::(\d{1,16}))?$/.exec(conversation) ?? []
  if (!chatId) return undefined
  return threadId ? { chatId: Number(chatId), threadId: Number(threadId) } : { chatId: Number(chatId) }
}

export const messageRefOf = (chatId: number, messageId: number): string => `${chatId}/${messageId}`

export function parseMessageRef(messageRef: string): { chatId: number; messageId: number } | undefined {
  const [, chatId, messageId] = /^(-?\d{1,16})\/(\d{1,16})$/.exec(messageRef) ?? []
  return chatId && messageId ? { chatId: Number(chatId), messageId: Number(messageId) } : undefined
}

/** A chat with one person has that person's id; groups and channels are below zero. */
export const isPrivateChat = (chatId: number): boolean => chatId > 0

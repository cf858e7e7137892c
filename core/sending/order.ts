/** What a tool wants said to somebody, or remembered: written in the transaction in which its step succeeds, so once. */
export type SendOrder =
  | { kind: 'chat'; to: string; text: string }
  | { kind: 'mail'; to: string; subject: string; text: string }
  /** `outside`: what strangers may have to do with it, in words. */
  | { kind: 'memory'; text: string; outside: string | null }

export const CHAT_TOOL = 'chat.send'
export const MAIL_TOOL = 'email.send'
export const MEMORY_TOOL = 'memory.save'

export const isSendTool = (toolId: string): boolean => toolId === CHAT_TOOL || toolId === MAIL_TOOL

/** What a tool wants said to somebody: written to the outbox in the transaction in which its step succeeds, so once. */
export type SendOrder =
  | { kind: 'chat'; to: string; text: string }
  | { kind: 'mail'; to: string; subject: string; text: string }

export const CHAT_TOOL = 'chat.send'
export const MAIL_TOOL = 'email.send'

export const isSendTool = (toolId: string): boolean => toolId === CHAT_TOOL || toolId === MAIL_TOOL

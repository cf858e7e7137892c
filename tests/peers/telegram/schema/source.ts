import type { ApiMethods } from 'grammy/types'

/** Telegram's methods as its published types have them; read by read-types.ts, called by nobody. */
export type Methods = ApiMethods

import type { CallRecord, MessageView } from './types.ts'
import { viewOf } from './view.ts'
import type { ChatRecord } from './world/chat.ts'
import type { World } from './world/world.ts'

export interface MessageWish {
  readonly contains?: string
  /** The text of a button it must have. */
  readonly button?: string
  /** The name of a file it must carry. */
  readonly file?: string
  /** Only messages later than this one. */
  readonly after?: number
}

export type MessageMatch = MessageWish | ((message: MessageView) => boolean)

/** The first message of the bot, as it stands now or comes to stand, that fits. */
export function waitForMessage(world: World, chat: ChatRecord, match: MessageMatch, ms: number): Promise<MessageView> {
  const fits = typeof match === 'function' ? match : (message: MessageView) => meets(message, match)
  const own = (): MessageView[] =>
    [...chat.messages.values()]
      .filter(({ deleted, from }) => !deleted && from.id === world.bot.id)
      .map((message) => viewOf(chat, message, world.bot.id))
  const wish = typeof match === 'function' ? 'the predicate' : JSON.stringify(match)
  const complaint = (): string => {
    const seen = own().map(({ messageId, text, buttons }) => `  ${messageId}: ${JSON.stringify(text)} [${buttons}]`)
    return `no message fits ${wish} after ${ms} ms; the bot's messages there:\n${seen.join('\n') || '  none'}`
  }
  return world.signal.until(() => own().find(fits), ms, complaint)
}

function meets(message: MessageView, wish: MessageWish): boolean {
  if (wish.contains !== undefined && !message.text.includes(wish.contains)) return false
  if (wish.button !== undefined && !message.buttons.includes(wish.button)) return false
  if (wish.file !== undefined && !message.files.some(({ name }) => name === wish.file)) return false
  return wish.after === undefined || message.messageId > wish.after
}

export type CallFilter = (call: CallRecord) => boolean

export function waitForCall(world: World, method: string, filter: CallFilter, ms: number): Promise<CallRecord> {
  const look = () => world.calls.find((call) => call.method === method && call.outcome !== 'running' && filter(call))
  const made = () => world.calls.map((call) => call.method).join(', ')
  return world.signal.until(look, ms, () => `no fitting ${method} call after ${ms} ms; calls made: ${made()}`)
}

/** Nothing on its way to the bot, no call running but a waiting poll, and quiet for a moment. */
export async function waitForIdle(world: World, quietMs: number, ms: number): Promise<void> {
  const deadline = Date.now() + ms
  for (;;) {
    const running = world.calls.filter(({ outcome, method }) => outcome === 'running' && method !== 'getUpdates').length
    const quiet = Date.now() - world.signal.lastChange
    if (world.updates.pending.length === 0 && running === 0 && quiet >= quietMs) return
    if (Date.now() > deadline) {
      const left = world.updates.pending.map(({ update }) => update.update_id).join(', ') || 'none'
      throw new Error(`not idle after ${ms} ms; updates not taken: ${left}; calls running: ${running}`)
    }
    await new Promise((resolve) => setTimeout(resolve, Math.max(5, Math.min(quietMs, 25))))
  }
}

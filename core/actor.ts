import type { ChannelName } from './chat/message.ts'
import type { Context } from './context.ts'

/** The person behind one message, click or request, and the context they act in. Made at the edge, for this one action. */
export interface Actor {
  accountId: string
  handle: string
  platformRole: 'user' | 'admin'
  channel: ChannelName
  context: Context
  /**
   * The delivery or Idempotency-Key this action came with. An operation that ran under it before answers the same again
   * and changes nothing; see core/once.ts.
   */
  requestKey?: string
  /** Called when an answer is one that was given before under that key: its caller may want to know. */
  onReplay?: () => void
}

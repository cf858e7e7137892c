import { deliver } from './chat/deliver.ts'
import { type Handle, handleInbox } from './chat/inbox.ts'
import type { Senders } from './chat/sender.ts'
import type { Core } from './core.ts'
import { renderRunCard } from './runs/card.ts'
import { workOnRun } from './runs/session.ts'

/** Begins to work in this process: runs, incoming messages, deliveries. Ends with `core.queue.stop()`. */
export function startWork(core: Core, { handle, senders }: { handle: Handle; senders: Senders }): Promise<void> {
  return core.queue.start({
    run: (claim, signal) => workOnRun(core, claim, signal),
    inbox: (claim, signal) => handleInbox(core, senders, handle, claim, signal),
    outbox: (claim, signal) => deliver(core, senders, (cardKey) => renderRunCard(core.db, cardKey), claim, signal),
  })
}

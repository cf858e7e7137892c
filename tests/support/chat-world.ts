import { deliver } from '#core/chat/deliver.ts'
import type { RenderCard } from '#core/chat/delivery.ts'
import { type Handle, handleInbox, receive } from '#core/chat/inbox.ts'
import type { Receive, Sender } from '#core/chat/sender.ts'
import type { Clock } from '#core/clock.ts'
import { systemClock } from '#core/clock.ts'
import type { Core } from '#core/core.ts'
import { workOnRun } from '#core/runs/session.ts'
import type { Dialect } from '#db/db.ts'
import { createWorld, type World, type WorldOptions } from './world.ts'

export interface ChatWorldOptions extends WorldOptions {
  /** Stands in for the commands. */
  handle: (core: Core, sender: Sender) => Handle
  /** The channel under test. */
  sender: (core: Core) => Sender
  renderCard?: RenderCard
}

export interface ChatWorld extends World {
  sender: Sender
  /** What a channel is started with. */
  receive: Receive
}

/** A real core whose workers handle what comes in and deliver what goes out, with one channel and no commands layer. */
export async function createChatWorld(dialect: Dialect, options: ChatWorldOptions): Promise<ChatWorld> {
  const world = await createWorld(dialect, options)
  const { core } = world
  const sender = options.sender(core)
  const senders = new Map([[sender.name, sender]])
  const handle = options.handle(core, sender)
  const renderCard = options.renderCard ?? (async () => undefined)
  await core.queue.start({
    run: (claim, signal) => workOnRun(core, claim, signal),
    inbox: (claim, signal) => handleInbox(core, senders, handle, claim, signal),
    outbox: (claim, signal) => deliver(core, senders, renderCard, claim, signal),
  })
  return {
    ...world,
    sender,
    receive: async (incoming) => void (await receive(core, incoming)),
    async end() {
      await core.queue.stop()
      await world.end()
    },
  }
}

/** Real time that can be set forward: what waits for later is found by the next look of the queue. */
export class ShiftedClock implements Clock {
  #aheadMs = 0

  nowMs(): number {
    return systemClock.nowMs() + this.#aheadMs
  }

  after(delayMs: number, action: () => void): () => void {
    return systemClock.after(delayMs, action)
  }

  advance(ms: number): void {
    this.#aheadMs += ms
  }
}

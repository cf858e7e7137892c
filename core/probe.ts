import { findWork } from '#db/health.ts'
import { outboxItem } from './chat/outbox.ts'
import type { Core } from './core.ts'
import { pause } from './pause.ts'

type Needs = Pick<Core, 'db' | 'queue' | 'clock' | 'ids'>

/** The web chat is the one channel that every worker reaches. */
const CHANNEL = 'web'
const LOOK_EVERY_MS = 25

/** Whether the database takes writes and gives work to a worker that is there. */
export interface Probe {
  /** True once the item that was put in was taken and done by a worker, this process or another one. */
  ask(withinMs: number): Promise<boolean>
}

/**
 * Sends an empty delivery through the queue, the way every message goes: put in, claimed, done. Rejects when it cannot be
 * put in. What nobody takes stays, and the next question is about the same item: however often is asked, one waits.
 */
export function createProbe(core: Needs): Probe {
  const conversation = `probe-${core.ids.newSecret().slice(0, 12)}`
  return {
    async ask(withinMs) {
      const { db, queue, clock } = core
      const item = outboxItem(CHANNEL, conversation, clock.nowMs())
      await db.write(async function putProbeIn(tx) {
        await queue.enqueue(tx, item)
      })
      const late = AbortSignal.timeout(withinMs)
      while (!late.aborted) {
        if (!(await findWork.first(db, { key: item.key }))) return true
        await pause(clock, LOOK_EVERY_MS, late)
      }
      return false
    },
  }
}

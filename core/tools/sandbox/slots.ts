import type { ToolError } from '../tool.ts'
import { type Slot, startSlot } from './slot.ts'

/** The processes of a sandbox: started when needed, used again, ended when they have long had nothing to do. */
export interface Slots {
  /** A free one, or a new one; undefined while as many as allowed are at work. */
  take(): Slot | undefined
  giveBack(slot: Slot): void
  /** Ends all of them; what they work on is rejected with the error. */
  stopAll(error: ToolError): void
}

export function createSlots(slotsMax: number, idleMs: number, stopped: () => ToolError): Slots {
  const busy = new Set<Slot>()
  const idle = new Map<Slot, NodeJS.Timeout>()

  const takeIdle = (): Slot | undefined => {
    for (const [slot, timer] of idle) {
      clearTimeout(timer)
      idle.delete(slot)
      if (slot.isAlive()) return slot
    }
    return undefined
  }
  const end = (slot: Slot): void => {
    idle.delete(slot)
    slot.stop(stopped())
  }

  return {
    take() {
      const slot = takeIdle() ?? (busy.size < slotsMax ? startSlot() : undefined)
      if (slot) busy.add(slot)
      return slot
    },
    giveBack(slot) {
      busy.delete(slot)
      if (slot.isAlive()) idle.set(slot, setTimeout(() => end(slot), idleMs).unref())
    },
    stopAll(error) {
      for (const timer of idle.values()) clearTimeout(timer)
      for (const slot of [...busy, ...idle.keys()]) slot.stop(error)
      idle.clear()
    },
  }
}

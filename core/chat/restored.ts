import { findSetting } from '#db/settings.ts'
import type { Core } from '../core.ts'
import type { Sender, Senders } from './sender.ts'

/** What a restore keeps under this key; see db/backup. */
const KEY = 'restored'
/** What was under way is long over. */
const FORGET_MS = 7 * 24 * 3_600_000

interface Restored {
  atMs: number
  causes: string[]
}

/**
 * Senders for a database that may have been restored from a backup: what comes of runs and messages that were under way when the
 * backup was taken may have been said before, and says so.
 */
export async function doubting(core: Pick<Core, 'db' | 'clock'>, senders: Senders): Promise<Senders> {
  const row = await findSetting.first(core.db, { key: KEY })
  if (!row) return senders
  const { atMs, causes } = JSON.parse(row.value_json) as Restored
  if (causes.length === 0 || atMs + FORGET_MS < core.clock.nowMs()) return senders
  const doubtful = new Set(causes)
  return new Map([...senders].map(([name, sender]) => [name, name === 'web' ? sender : marking(sender, doubtful)]))
}

function marking(sender: Sender, doubtful: ReadonlySet<string>): Sender {
  const send: Sender['send'] = (message) =>
    sender.send(doubtful.has(message.cause) ? { ...message, maybeDuplicate: true } : message)
  return new Proxy(sender, {
    get(target, name) {
      if (name === 'send') return send
      const value = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

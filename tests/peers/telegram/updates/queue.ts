import type { Update } from 'grammy/types'

export interface QueuedUpdate {
  readonly update: Update
  /** Updates under one key reach a webhook one after the other. */
  readonly key: string
  /** A repeat of something already delivered: no offset drops it. */
  readonly again: boolean
  inFlight: boolean
  attempts: number
}

export type UpdateKind = Exclude<keyof Update, 'update_id'>

// These three must be asked for by name.
const onRequest = new Set<string>(['chat_member', 'message_reaction', 'message_reaction_count'])

/** Updates on their way to the bot, in the order they were made. */
export class UpdateQueue {
  pending: QueuedUpdate[] = []
  allowed: readonly string[] | undefined
  nextId = 100_000_000 + Math.floor(Math.random() * 800_000_000)
  readonly #made = new Map<number, QueuedUpdate>()
  readonly #changed: () => void

  constructor(changed: () => void) {
    this.#changed = changed
  }

  allows(kind: string): boolean {
    return this.allowed ? this.allowed.includes(kind) : !onRequest.has(kind)
  }

  /** Undefined when the bot did not ask for this kind. */
  add(kind: UpdateKind, payload: unknown, key: string): number | undefined {
    if (!this.allows(kind)) return undefined
    const id = this.nextId
    this.nextId += 1
    const queued = {
      update: { update_id: id, [kind]: payload } as Update,
      key,
      again: false,
      inFlight: false,
      attempts: 0,
    }
    this.#made.set(id, queued)
    this.pending.push(queued)
    this.#changed()
    return id
  }

  repeat(id: number, times: number): void {
    const original = this.#made.get(id)
    if (!original) throw new Error(`no update ${id} was ever made`)
    for (let left = times; left > 0; left -= 1) {
      this.pending.push({ ...original, again: true, inFlight: false, attempts: 0 })
    }
    this.#changed()
  }

  drop(queued: QueuedUpdate): void {
    this.pending = this.pending.filter((other) => other !== queued)
    this.#changed()
  }

  clear(): void {
    this.pending = []
    this.#changed()
  }

  /**
   * What getUpdates answers. An offset forgets all before it; one far past the end is taken for "from the start",
   * which is how a bot survives Telegram picking a new, lower range of identifiers.
   */
  take(offset: number, limit: number): Update[] {
    if (offset < 0) this.#keepLast(-offset)
    else if (offset > 0 && offset <= this.nextId + 10) {
      const before = this.pending.length
      this.pending = this.pending.filter((queued) => queued.again || queued.update.update_id >= offset)
      if (this.pending.length !== before) this.#changed()
    }
    const repeats = this.pending.filter((queued) => queued.again)
    // One copy of each repeat per answer: within one answer an identifier never stands twice.
    const first = repeats.filter((queued, at) => repeats.findIndex((other) => same(other, queued)) === at)
    for (const queued of first) this.drop(queued)
    const fresh = this.pending.filter((queued) => !queued.again && !first.some((other) => same(other, queued)))
    return [...first, ...fresh].slice(0, Math.max(limit, first.length)).map((queued) => queued.update)
  }

  #keepLast(count: number): void {
    this.pending = this.pending.slice(-count)
    this.#changed()
  }
}

const same = (one: QueuedUpdate, other: QueuedUpdate): boolean => one.update.update_id === other.update.update_id

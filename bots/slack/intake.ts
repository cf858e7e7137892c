import type { Incoming } from '#core/chat/message.ts'
import type { Receive } from '#core/chat/sender.ts'
import { userIdOf } from './address.ts'
import type { Names } from './names.ts'

/** Hands updates on for storing: each conversation's in the order they came, and none any more once it is closed. */
export class Intake {
  readonly #names: Names
  readonly #last = new Map<string, Promise<void>>()
  #receive: Receive | undefined

  constructor(names: Names) {
    this.#names = names
  }

  open(receive: Receive): void {
    this.#receive = receive
  }

  /** Resolves when nothing is on its way any more. What comes after is refused, so that Slack brings it again. */
  async close(): Promise<void> {
    this.#receive = undefined
    await Promise.allSettled(this.#last.values())
  }

  /** Resolves when the update is stored; rejects when it could not be, or may not be now. */
  async take(incoming: Incoming): Promise<void> {
    const receive = this.#receive
    if (!receive) throw new Error('Updates are not taken at the moment')
    const { conversation } = incoming
    const before = this.#last.get(conversation)
    const mine = this.#store(incoming, receive, before)
    this.#last.set(conversation, mine)
    try {
      await mine
    } finally {
      if (this.#last.get(conversation) === mine) this.#last.delete(conversation)
    }
  }

  async #store(incoming: Incoming, receive: Receive, before: Promise<void> | undefined): Promise<void> {
    const named = await this.#withName(incoming)
    await before?.catch(() => {})
    await receive(named)
  }

  async #withName(incoming: Incoming): Promise<Incoming> {
    const { externalId, name } = incoming.sender
    if (name) return incoming
    const person = await this.#names.find(userIdOf(externalId))
    return { ...incoming, sender: { externalId, ...(person ?? { name: userIdOf(externalId) }) } }
  }
}

import type { Incoming } from '#core/chat/message.ts'
import type { Receive } from '#core/chat/sender.ts'
import { isDirect, parseConversation, userIdOf } from './address.ts'
import type { Person } from './names.ts'

/** What events leave out and Slack may be asked for; undefined when it does not say, or not in time. */
export interface LookUps {
  person(userId: string): Promise<Person | undefined>
  /** The direct messages between this person and the bot. */
  direct(userId: string): Promise<string | undefined>
  /** What stands in the message, and the files with it. */
  original(messageRef: string): Promise<Pick<NonNullable<Incoming['replyTo']>, 'text' | 'files'> | undefined>
}

/** Hands updates on for storing: each conversation's in the order they came, and none any more once it is closed. */
export class Intake {
  readonly #lookUps: LookUps
  readonly #last = new Map<string, Promise<void>>()
  #receive: Receive | undefined

  constructor(lookUps: LookUps) {
    this.#lookUps = lookUps
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
    const complete = await this.#completed(incoming)
    await before?.catch(() => {})
    await receive(complete)
  }

  async #completed(incoming: Incoming): Promise<Incoming> {
    const { sender, replyTo, conversation } = incoming
    const userId = userIdOf(sender.externalId)
    const [person, original, direct] = await Promise.all([
      sender.name ? undefined : this.#lookUps.person(userId),
      isUnread(replyTo) ? this.#lookUps.original(replyTo.messageRef) : undefined,
      isDirect(conversation) ? this.#lookUps.direct(userId) : undefined,
    ])
    // Commands and shortcuts come from direct messages between people too; there somebody reads along.
    const isOthers = direct !== undefined && direct !== parseConversation(conversation).channel
    return {
      ...incoming,
      ...(isOthers ? { isPrivate: false } : {}),
      sender: sender.name ? sender : { ...sender, name: userId, ...person },
      ...(replyTo ? { replyTo: { ...replyTo, ...original } } : {}),
    }
  }
}

/** A shortcut beside a message brings it along. */
const isUnread = (replyTo: Incoming['replyTo']): replyTo is NonNullable<Incoming['replyTo']> =>
  replyTo !== undefined && replyTo.text === undefined && replyTo.files === undefined

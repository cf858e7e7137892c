import type { User, UserFromGetMe } from 'grammy/types'
import { announceBot, moveUser, setBlocked } from './actions/membership.ts'
import { migrateGroup } from './actions/migrate.ts'
import { addGroup, addUser, type NewGroup, type NewUser, openPrivate } from './actions/people.ts'
import { editText, type OutgoingFile, openTopic, pressButton, sendFile, sendText, type Where } from './actions/talk.ts'
import type { FaultHandle } from './http/faults.ts'
import { type Listening, listen } from './http/server.ts'
import { PeerView } from './peer-view.ts'
import type * as T from './types.ts'
import type { ChatRecord, Standing } from './world/chat.ts'
import type { World } from './world/world.ts'

/** Telegram, as a test holds it: make people and chats, act for them, break things, look at what came of it. */
export class TelegramPeer extends PeerView {
  readonly url: string
  readonly #world: World
  #listening: Listening

  constructor(world: World, listening: Listening) {
    super(world)
    this.#world = world
    this.#listening = listening
    this.url = listening.url
  }

  get token(): string {
    return this.#world.token
  }

  get botUser(): UserFromGetMe {
    return this.#world.bot
  }

  /** Rejects when a call was wrong and nobody looked at `violations`: then no test would have said so. */
  async stop(): Promise<void> {
    this.#world.webhook.stop()
    this.#world.callbacks.stop()
    await this.#listening.stop()
    this.judge()
  }

  /** Nobody listens any more: who connects is refused, who is connected is cut off. Gives what brings it back. */
  async goDown(): Promise<() => Promise<void>> {
    await this.#listening.stop()
    return async () => {
      this.#listening = await listen(this.#world, Number(new URL(this.url).port))
    }
  }

  user(given: NewUser): User {
    return addUser(this.#world, given)
  }

  privateChat(user: T.UserRef): ChatRecord {
    return openPrivate(this.#world, user)
  }

  group(given: NewGroup): ChatRecord {
    return addGroup(this.#world, 'group', given)
  }

  supergroup(given: NewGroup): ChatRecord {
    return addGroup(this.#world, 'supergroup', given)
  }

  /** Opens a topic in a forum; its message id is the thread id. */
  topic(chat: T.ChatRef, user: T.UserRef, name: string): T.Sent {
    return openTopic(this.#world, this.#world.chatOf(chat), this.#world.userOf(user), name)
  }

  sendText(chat: T.ChatRef, user: T.UserRef, text: string, where: Where = {}): T.Sent {
    return sendText(this.#world, this.#world.chatOf(chat), this.#world.userOf(user), text, where)
  }

  editText(chat: T.ChatRef, user: T.UserRef, messageId: number, text: string): T.Sent {
    return editText(this.#world, this.#world.chatOf(chat), this.#world.userOf(user), messageId, text)
  }

  sendFile(chat: T.ChatRef, user: T.UserRef, file: OutgoingFile, where: Where = {}): T.Sent {
    return sendFile(this.#world, this.#world.chatOf(chat), this.#world.userOf(user), file, where)
  }

  /** Resolves when the bot answers, or with `answered: false` when it does not; rejects when there is no such button. */
  pressButton(chat: T.ChatRef, user: T.UserRef, messageId: number, textOrData: string): T.Pressed {
    try {
      return pressButton(this.#world, this.#world.chatOf(chat), this.#world.userOf(user), messageId, textOrData)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  migrateGroup(chat: T.ChatRef): ChatRecord {
    return migrateGroup(this.#world, this.#world.chatOf(chat))
  }

  block(user: T.UserRef): number | undefined {
    return setBlocked(this.#world, openPrivate(this.#world, user), this.#world.userOf(user), true)
  }

  unblock(user: T.UserRef): number | undefined {
    return setBlocked(this.#world, openPrivate(this.#world, user), this.#world.userOf(user), false)
  }

  /** What the bot is in a group from now on: added, promoted, removed (`kicked`) or gone (`left`). */
  setBot(chat: T.ChatRef, by: T.UserRef, standing: Standing): number | undefined {
    return announceBot(this.#world, this.#world.chatOf(chat), this.#world.userOf(by), standing)
  }

  /** What a user is in a group from now on. */
  setMember(chat: T.ChatRef, user: T.UserRef, standing: Standing, by: T.UserRef = user): void {
    const world = this.#world
    moveUser(world, world.chatOf(chat), world.userOf(user), world.userOf(by), standing)
  }

  mute(chat: T.ChatRef, muted = true): void {
    this.#world.chatOf(chat).muted = muted
  }

  failNext(plan: T.FaultPlan): FaultHandle {
    return this.#world.faults.add(plan)
  }

  clearFaults(): void {
    this.#world.faults.clear()
  }

  rateLimit(limits: boolean | T.RateLimits): void {
    this.#world.limiter.set(limits)
  }

  redeliver(updateId: number, times = 1): void {
    this.#world.updates.repeat(updateId, times)
  }

  /** Moves the identifier of the next update. Downwards, stay more than ten away: nearer ones count as seen. */
  jumpUpdateIds(to: number): void {
    this.#world.updates.nextId = to
  }
}

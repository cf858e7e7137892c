import type { User } from 'grammy/types'
import { signIn } from '#tests/e2e/support/client.ts'
import type { ChatRecord, MessageView, TelegramPeer } from '#tests/peers/telegram/index.ts'
import type { SentCommand } from './facts.ts'
import { CRASH_JOBS } from './jobs.ts'
import type { Ready } from './server.ts'

const TEAM = 'Crash crew'
const ANSWER_MAX_MS = 20_000

/** Somebody who sends commands, and where. */
export interface Sender {
  user: User
  chat: ChatRecord
  payer: SentCommand['payer']
}

/** Those who are there before the story begins: all that happened to get them there was said in chats, but for one call. */
export class People {
  readonly senders: Sender[] = []
  readonly chats = new Map<string, ChatRecord>()
  /** Of everything that was said. */
  readonly updateIds: number[] = []
  readonly #peer: TelegramPeer

  constructor(peer: TelegramPeer) {
    this.#peer = peer
  }

  /** An admin, the jobs, a team with money and a provider, so many people, a third of them in the team, and a group. */
  async arrive({ claim, url }: Ready, count: number, provider: object): Promise<void> {
    const admin = this.#person('Admin')
    await this.#ask(admin, `/start ${claim?.code}`, 'This Muster is yours')
    for (const { command, source } of CRASH_JOBS) {
      if (source) await this.#ask(admin, `/publish --visibility public\n${source}`, `/${command} is ready`)
    }
    await this.#ask(admin, `/createteam ${TEAM}`, 'is there, and you own it')
    await this.#ask(admin, `/grant ${TEAM} 50`, 'got $50')
    await this.#storeProvider(admin, url, provider)
    const members: User[] = []
    for (let number = 1; number <= count; number++) {
      const sender = this.#person(`Person ${number}`)
      await this.#ask(sender, '/start', 'Hello Person')
      // Of three people one spends the team's money.
      if (number % 3 === 0) members.push(await this.#join(admin, sender))
      this.senders.push(number % 3 === 0 ? { ...sender, payer: 'team' } : sender)
    }
    await this.#openGroup(admin, members)
  }

  #person(name: string): Sender {
    const user = this.#peer.user({ firstName: name })
    const chat = this.#peer.privateChat(user)
    this.chats.set(String(chat.id), chat)
    return { user, chat, payer: 'personal' }
  }

  async #join(admin: Sender, { user, chat }: Sender): Promise<User> {
    const invited = await this.#ask(admin, `/invitemember anyone to ${TEAM}`, '/join ')
    const [, code] = /\/join (\S+)/.exec(invited.text) ?? []
    await this.#ask({ user, chat }, `/join ${code}`, `Welcome to ${TEAM}`)
    await this.#ask({ user, chat }, `/setcontext team ${TEAM}`, 'pays from now on')
    return user
  }

  async #storeProvider(admin: Sender, url: string, provider: object): Promise<void> {
    const { text } = await this.#ask(admin, '/console', 'login?code=')
    const api = await signIn(url, '/v1/auth/link', { code: /login\?code=(\S+)/.exec(text)?.[1] })
    const { body } = await api.call('GET', '/v1/teams')
    const stored = await api.fetch('/v1/providers', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Execution-Context': `team/${body.items[0].id}` },
      body: JSON.stringify(provider),
    })
    if (!stored.ok) throw new Error(`The provider was not stored: ${await stored.text()}`)
  }

  /** A group that is tied to the team: several people in one conversation, and its slower pace. */
  async #openGroup(admin: Sender, members: readonly User[]): Promise<void> {
    const chat = this.#peer.supergroup({ title: 'Group', members: [admin.user, ...members] })
    this.chats.set(String(chat.id), chat)
    await this.#ask({ user: admin.user, chat }, `/linkchat ${TEAM}`, 'is tied to')
    for (const user of members.slice(0, 3)) this.senders.push({ user, chat, payer: 'team' })
  }

  #ask({ user, chat }: Pick<Sender, 'user' | 'chat'>, text: string, answer: string): Promise<MessageView> {
    const { updateId, messageId } = this.#peer.sendText(chat, user, text)
    if (updateId !== undefined) this.updateIds.push(updateId)
    return this.#peer.waitForMessage(chat, { contains: answer, after: messageId }, ANSWER_MAX_MS)
  }
}

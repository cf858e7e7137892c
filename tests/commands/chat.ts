import { createHandle } from '#commands/dispatch.ts'
import { wordsOn } from '#commands/words/understand.ts'
import { type Account, accountByHandle } from '#core/accounts/account.ts'
import { createAccountByOperator } from '#core/accounts/create.ts'
import { attachIdentity } from '#core/accounts/identities.ts'
import type { Handle } from '#core/chat/inbox.ts'
import { receive } from '#core/chat/inbox.ts'
import type { ChannelName, Incoming, IncomingFile, Reply } from '#core/chat/message.ts'
import { plainText } from '#core/chat/plain.ts'
import type { Outgoing, Sender, Senders } from '#core/chat/sender.ts'
import type { Core } from '#core/core.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { startWork } from '#core/work.ts'
import type { Dialect } from '#db/db.ts'
import { findIncoming } from '#db/inbox.ts'
import { query } from '#db/statement.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World, type WorldOptions } from '#tests/support/world.ts'

/** Something that arrived on a platform. */
export interface Shown extends Outgoing {
  channel: ChannelName
  /** Where it stands on the platform; an edit keeps it. */
  messageRef: string
  text: string
}

export interface Chat {
  world: World
  core: Core
  handle: Handle
  /** Everything that was delivered, as it stands now. */
  shown: Shown[]
  files: Map<string, Uint8Array>
  person(name: string, channel?: ChannelName): Voice
  /** Somebody with an account and an identity on a channel, made behind the curtain. */
  known(name: string, options?: { admin?: boolean; channel?: ChannelName }): Promise<Voice>
  end(): Promise<void>
}

export interface SayOptions {
  group?: string
  files?: IncomingFile[]
  replyTo?: NonNullable<Incoming['replyTo']>
  isAddressed?: boolean
}

/** A real core with the real commands, its workers, and channels that keep what they are given. */
export async function createChat(dialect: Dialect, options: WorldOptions = {}): Promise<Chat> {
  const world = await createWorld(dialect, options)
  const { core } = world
  await seedShipped(core)
  const shown: Shown[] = []
  const files = new Map<string, Uint8Array>()
  const senders: Senders = new Map(
    (['telegram', 'slack', 'web'] as const).map((name) => [name, recorder(name, shown, files)]),
  )
  const handle = createHandle(core, senders)
  await startWork(core, { handle, senders, words: wordsOn(core) })
  const chat: Chat = {
    world,
    core,
    handle,
    shown,
    files,
    person: (name, channel = 'telegram') => new Voice(chat, name, channel),
    async known(name, { admin = false, channel = 'telegram' } = {}) {
      const account = await createAccountByOperator(core, { handle: name, admin })
      const identity = { channel, externalId: name, name, privateConversation: `private-${name}` }
      await core.db.write((tx) => attachIdentity(tx, account.id, identity, core.clock.nowMs()))
      return chat.person(name, channel)
    },
    async end() {
      await core.queue.stop(2_000)
      await world.end()
    },
  }
  return chat
}

function recorder(name: ChannelName, shown: Shown[], files: Map<string, Uint8Array>): Sender {
  let sent = 0
  return {
    name,
    pace: { editPrivateMs: 0, editSharedMs: 0 },
    isPrivate: (conversation) => conversation.startsWith('private-'),
    async send(message) {
      const messageRef = `${name}-${++sent}`
      shown.push({ ...message, channel: name, messageRef, text: plainText(message.parts) })
      return { outcome: 'sent', messageRef }
    },
    async edit(messageRef, message) {
      const before = shown.find((one) => one.messageRef === messageRef)
      if (before) Object.assign(before, message, { text: plainText(message.parts) })
      return { outcome: 'sent', messageRef }
    },
    async download({ fetchRef }) {
      const bytes = files.get(fetchRef)
      if (!bytes) throw new Error(`No file ${fetchRef}`)
      return bytes
    },
  }
}

let deliveries = 0

/** One person on one channel. */
export class Voice {
  readonly chat: Chat
  readonly name: string
  readonly channel: ChannelName

  constructor(chat: Chat, name: string, channel: ChannelName) {
    this.chat = chat
    this.name = name
    this.channel = channel
  }

  incoming(text: string, { group, files = [], replyTo, isAddressed = true }: SayOptions = {}): Incoming {
    return {
      channel: this.channel,
      deliveryId: `d${++deliveries}`,
      conversation: group ?? `private-${this.name}`,
      isPrivate: group === undefined,
      sender: { externalId: this.name, name: this.name, handle: this.name },
      text,
      isAddressed,
      files,
      ...(replyTo ? { replyTo } : {}),
      atMs: this.chat.core.clock.nowMs(),
    }
  }

  /** Says it the whole way, through inbox and outbox, and gives what came back. */
  async sayFully(text: string, options: SayOptions = {}): Promise<Shown[]> {
    return this.#deliver(this.incoming(text, options))
  }

  /** Presses a button of a message that was shown. */
  async press(message: Shown, label: string, options: SayOptions = {}): Promise<Shown[]> {
    const buttons = message.parts.flatMap((part) => (part.type === 'buttons' ? part.buttons : []))
    const token = buttons.find((button) => button.label === label)?.token
    if (!token) throw new Error(`No button ${label} among ${buttons.map((button) => button.label).join(', ')}`)
    return this.#deliver({ ...this.incoming(label, options), button: { token } })
  }

  /** The message of a form that asks now. */
  form(fits: RegExp | string = ''): Promise<Shown> {
    return eventually(() => {
      const last = this.chat.shown.findLast(
        ({ cause, channel }) => cause.startsWith('form_') && channel === this.channel,
      )
      if (!last || !(typeof fits === 'string' ? last.text.includes(fits) : fits.test(last.text))) {
        throw new Error(`No form that says ${fits}; the last says ${last?.text}`)
      }
      return last
    })
  }

  /** Asks the commands directly: what they answer, in words. */
  async say(text: string, options: SayOptions = {}): Promise<string> {
    return inWords((await this.ask(text, options)).replies)
  }

  async ask(text: string, options: SayOptions = {}): Promise<{ replies: Reply[] }> {
    const incoming = this.incoming(text, options)
    return this.chat.handle(incoming, `${incoming.channel}:${incoming.deliveryId}`)
  }

  /** Asks the same delivery twice, as after a crash between the work and its answer. */
  async sayTwice(text: string, options: SayOptions = {}): Promise<[string, string]> {
    const incoming = this.incoming(text, options)
    const key = `${incoming.channel}:${incoming.deliveryId}`
    const first = await this.chat.handle(incoming, key)
    return [inWords(first.replies), inWords((await this.chat.handle(incoming, key)).replies)]
  }

  async account(): Promise<Account> {
    const account = await accountByHandle(this.chat.core.db, this.name)
    if (!account) throw new Error(`No account ${this.name}`)
    return account
  }

  async #deliver(incoming: Incoming): Promise<Shown[]> {
    const { core, shown } = this.chat
    const stored = await receive(core, incoming)
    const cause = `in:${stored?.seq}`
    await eventually(async () => {
      const row = await findIncoming.first(core.db, incoming)
      if (row?.status !== 'done') throw new Error(`${incoming.text} is not handled yet`)
      const waiting = await query(core.db, (q) =>
        q.selectFrom('outbox').select('seq').where('status', 'in', ['new', 'sending']).where('cause', '=', cause),
      )
      if (waiting.length > 0) throw new Error(`The answer to ${incoming.text} is not delivered yet`)
    })
    return shown.filter((message) => message.cause === cause)
  }
}

export const inWords = (replies: readonly Reply[]): string =>
  replies.map(({ parts }) => plainText(parts)).join('\n---\n')

/** What a reply says behind `/join`. */
export function joinCode(answer: string): string {
  const [, code] = /\/join ([\w-]+)/.exec(answer) ?? []
  if (!code) throw new Error(`No code in: ${answer}`)
  return code
}

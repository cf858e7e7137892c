import type { Channel } from '#bots/channel.ts'
import { createSlackChannel } from '#bots/slack/bot.ts'
import type { Incoming, Part } from '#core/chat/message.ts'
import type { FormDesk, Outgoing, Receive } from '#core/chat/sender.ts'
import { systemClock } from '#core/clock.ts'
import { type SlackPeer, startSlackPeer } from '../../peers/slack/index.ts'

export type Mode = 'socket' | 'http'

/** A Slack with a bot in it. Everything received is kept; `onReceive` may be replaced to fail or to wait. */
export class SlackHarness {
  readonly peer: SlackPeer
  readonly received: Incoming[] = []
  readonly logged: { level: string; facts: object; message: string }[] = []
  onReceive: Receive = async () => {}
  /** Given to the channel with its start. */
  forms: FormDesk | undefined
  channel: Channel
  readonly #mode: Mode
  #sent = 0

  private constructor(peer: SlackPeer, mode: Mode) {
    this.peer = peer
    this.#mode = mode
    this.channel = this.#create()
  }

  static async start(mode: Mode): Promise<SlackHarness> {
    const peer = await startSlackPeer({
      mode,
      users: [
        { id: 'U0ANN', name: 'ann', realName: 'Ann Example' },
        { id: 'U0BEN', name: 'ben', realName: 'Ben Example' },
      ],
      channels: [
        { id: 'C0TEAM', name: 'team' },
        { id: 'C0OPEN', name: 'open', withoutBot: true },
        { id: 'G0SHUT', name: 'shut', isPrivate: true, withoutBot: true },
        { id: 'C0SOLO', name: 'solo', members: ['U0BEN'] },
        { id: 'D0PAIR', name: 'pair', isPrivate: true, withoutBot: true },
      ],
    })
    const harness = new SlackHarness(peer, mode)
    await harness.startChannel()
    return harness
  }

  async startChannel(): Promise<void> {
    await this.channel.start(
      async (incoming) => {
        await this.onReceive(incoming)
        this.received.push(incoming)
      },
      {
        forms: {
          find: async (...given) => this.forms?.find(...given),
          fill: async (...given) => this.forms?.fill(...given),
        },
      },
    )
  }

  /** As after a restart of the program: a new channel that knows nothing of the old one. */
  async restart(): Promise<void> {
    await this.channel.stop()
    this.channel = this.#create()
    await this.startChannel()
  }

  async end(): Promise<void> {
    await this.channel.stop()
    await this.peer.stop()
  }

  /** What was received since the last call. */
  taken(): Incoming[] {
    return this.received.splice(0)
  }

  message(conversation: string, parts: (Part | string)[], more: Partial<Outgoing> = {}): Outgoing {
    return {
      key: `slack:${++this.#sent}`,
      conversation,
      parts: parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)),
      cause: 'in:1',
      maybeDuplicate: false,
      readFile: async (artifactId) => new TextEncoder().encode(`bytes of ${artifactId}`),
      ...more,
    }
  }

  #create(): Channel {
    const { secrets, apiUrl } = this.peer
    const say = (level: string) => (facts: object, message: string) => void this.logged.push({ level, facts, message })
    const channel = createSlackChannel({
      ...secrets,
      mode: this.#mode,
      apiUrl,
      clock: systemClock,
      log: { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') },
    })
    const { webhook } = channel
    if (webhook) this.peer.deliverTo((request) => webhook(request))
    return channel
  }
}

import type { Channel } from '#bots/channel.ts'
import { createTelegramChannel, type TelegramOptions } from '#bots/telegram/bot.ts'
import type { Incoming, Part } from '#core/chat/message.ts'
import { text } from '#core/chat/message.ts'
import type { Outgoing, Receive } from '#core/chat/sender.ts'
import { systemClock } from '#core/clock.ts'
import type { Log } from '#core/core.ts'
import { type PeerOptions, startTelegramPeer, type TelegramPeer } from '#tests/peers/telegram/index.ts'

export interface Lines extends Log {
  /** Everything that was logged, as one text. */
  all(): string
}

function collectLog(): Lines {
  const lines: string[] = []
  const write = (facts: object, message: string): void => void lines.push(`${message} ${JSON.stringify(facts)}`)
  return { debug: write, info: write, warn: write, error: write, all: () => lines.join('\n') }
}

export interface Rig {
  peer: TelegramPeer
  channel: Channel
  log: Lines
  received: Incoming[]
  /** Another process of the same bot. */
  again(options?: Partial<TelegramOptions>): Channel
  end(): Promise<void>
}

/** A channel beside a strict Telegram, with no core behind it. */
export async function rig(options: Partial<TelegramOptions> & { peer?: PeerOptions } = {}): Promise<Rig> {
  const { peer: peerOptions, ...wanted } = options
  const peer = await startTelegramPeer({ username: 'muster_bot', webhookRetryMs: 10, ...peerOptions })
  const log = collectLog()
  const channels: Channel[] = []
  const again = (more: Partial<TelegramOptions> = {}): Channel => {
    const channel = createTelegramChannel({
      token: peer.token,
      mode: 'polling',
      publicUrl: 'http://127.0.0.1:1',
      apiRoot: peer.url,
      log,
      clock: systemClock,
      ...wanted,
      ...more,
    })
    channels.push(channel)
    return channel
  }
  return {
    peer,
    channel: again(),
    log,
    received: [],
    again,
    async end() {
      await Promise.all(channels.map((channel) => channel.stop()))
      await peer.stop()
    },
  }
}

export const collect =
  (received: Incoming[]): Receive =>
  async (incoming) =>
    void received.push(incoming)

let keys = 0

export const outgoing = (chatId: number | string, parts: Part[] | string, more: Partial<Outgoing> = {}): Outgoing => ({
  key: `telegram:${++keys}`,
  conversation: String(chatId),
  parts: typeof parts === 'string' ? [text(parts)] : parts,
  cause: 'in:1',
  maybeDuplicate: false,
  readFile: async () => Buffer.from('bytes'),
  ...more,
})

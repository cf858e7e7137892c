import { runReply } from './http/reply.ts'
import { listen } from './http/server.ts'
import { TelegramPeer } from './peer.ts'
import type { PeerOptions } from './types.ts'
import { World } from './world/world.ts'

/** Starts a Telegram of one bot on this machine. Point the bot at `url` and `token`. */
export async function startTelegramPeer(options: PeerOptions = {}): Promise<TelegramPeer> {
  const world = new World(options)
  world.runWebhookReply = (body) => runReply(world, body)
  return new TelegramPeer(world, await listen(world))
}

export { TelegramPeer } from './peer.ts'
export type * from './types.ts'
export type { ChatRecord } from './world/chat.ts'

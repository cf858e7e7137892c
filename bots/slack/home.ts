import type { webApi } from '@slack/bolt'
import type { HomeView, KnownBlock } from '@slack/types'
import type { Part } from '#core/chat/message.ts'
import type { Outgoing, SendResult } from '#core/chat/sender.ts'
import { personOfHome } from '#core/home/address.ts'
import { outcomeOf } from './outcome.ts'
import { mutedBlock, partBlocks, progressBlocks } from './render.ts'

/** Slack takes 100 blocks and 250 KB; nobody reads as much. */
const BLOCKS_MAX = 99
const BYTES_MAX = 150_000
const SHORTENED = 'There is more; the commands show it.'

/** A person's Home tab with these parts on it. */
export function homeView(parts: readonly Part[]): HomeView {
  const blocks: KnownBlock[] = []
  let roomBytes = BYTES_MAX
  // Plans belong to messages.
  const all = parts.flatMap((part) => (part.type === 'progress' ? progressBlocks(part) : partBlocks(part)))
  for (const block of all) {
    roomBytes -= Buffer.byteLength(JSON.stringify(block))
    if (blocks.length >= BLOCKS_MAX || roomBytes < 0) break
    blocks.push(block)
  }
  if (blocks.length < all.length || all.length === 0) blocks.push(mutedBlock(all.length === 0 ? '–' : SHORTENED))
  return { type: 'home', blocks }
}

/** What is sent to somebody's Home tab stands there in place of what was there; the same again changes nothing. */
export async function publishHome(client: webApi.WebClient, { conversation, parts }: Outgoing): Promise<SendResult> {
  try {
    await client.views.publish({ user_id: personOfHome(conversation) ?? '', view: homeView(parts) })
    return { outcome: 'sent', messageRef: conversation }
  } catch (error) {
    return outcomeOf(error, true)
  }
}

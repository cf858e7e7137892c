import assert from 'node:assert/strict'
import { keepButton } from '#db/buttons.ts'
import type { Tx } from '#db/db.ts'
import { findCard, insertFollowed, insertOutgoing, upsertCard } from '#db/outbox.ts'
import type { WorkItem } from '#db/queue/queue.ts'
import type { Core } from '../core.ts'
import { buttonToken } from './button-token.ts'
import type { Button, ChannelName, Part, Reply } from './message.ts'

type Needs = Pick<Core, 'ids' | 'clock' | 'queue'>

export interface NewMessage {
  channel: string
  conversation: string
  reply: Reply
  /** What caused it: `in:<seq>` or a run's id. */
  cause: string
  onlyFor?: string
  replyTo?: string
  hints?: Record<string, string>
  /** Somebody has just asked and waits: this process delivers it itself, where it can. */
  isAwaited?: boolean
}

/** One conversation's deliveries are one item of work: in order, and one at a time. */
export const outboxKey = (channel: string, conversation: string): string => `out:${channel}:${conversation}`

/** Channel and conversation behind an inbox or outbox key. */
export function addressOf(key: string): { channel: ChannelName; conversation: string } {
  const [, channel, ...rest] = key.split(':')
  return { channel: channel as ChannelName, conversation: rest.join(':') }
}

/** Puts a message into the outbox, in the transaction of what caused it. It goes out after the commit, or not at all. */
export async function putMessage(core: Needs, tx: Tx, message: NewMessage): Promise<void> {
  const nowMs = core.clock.nowMs()
  await insertOutgoing.run(tx, await outgoing(core, tx, message, nowMs))
  const item = outboxItem(message.channel, message.conversation, nowMs)
  await (message.isAwaited ? core.queue.enqueueNow(tx, item) : core.queue.enqueue(tx, item))
}

/** The same for who wants to know later what became of it: its row in the outbox. */
export async function putFollowed(core: Needs, tx: Tx, message: NewMessage): Promise<number> {
  const nowMs = core.clock.nowMs()
  const put = await insertFollowed.first(tx, await outgoing(core, tx, message, nowMs))
  assert(put, 'A message that was put in is there')
  await wakeOutbox(core, tx, message.channel, message.conversation, nowMs)
  return put.seq
}

async function outgoing(core: Needs, tx: Tx, message: NewMessage, nowMs: number) {
  const parts = await Promise.all(message.reply.parts.map((part) => withTokens(core, tx, part, nowMs)))
  return {
    channel: message.channel,
    conversation: message.conversation,
    cause: message.cause,
    replyJson: JSON.stringify(parts),
    onlyFor: message.onlyFor ?? null,
    replyTo: message.replyTo ?? null,
    hintsJson: message.hints ? JSON.stringify(message.hints) : null,
    nowMs,
  }
}

export interface CardPlace {
  channel: string
  conversation: string
  cardKey: string
  cause: string
}

/** Shows a card, or shows it anew with what is true by the time it is delivered. */
export async function touchCard(core: Needs, tx: Tx, card: CardPlace): Promise<void> {
  const nowMs = core.clock.nowMs()
  await upsertCard.run(tx, { ...card, nowMs })
  await wakeOutbox(core, tx, card.channel, card.conversation, nowMs)
}

/** The same for who wants to know later what became of it: its row in the outbox. */
export async function showCard(core: Needs, tx: Tx, card: CardPlace): Promise<number> {
  await touchCard(core, tx, card)
  const shown = await findCard.first(tx, card)
  assert(shown, 'A card that was put in is there')
  return shown.seq
}

/** Has somebody look at what waits to go out there. */
export const wakeOutbox = (core: Needs, tx: Tx, channel: string, conversation: string, nowMs: number): Promise<void> =>
  core.queue.enqueue(tx, outboxItem(channel, conversation, nowMs))

/** The work that delivers what waits in one conversation. */
export const outboxItem = (channel: string, conversation: string, nowMs: number): WorkItem => ({
  kind: 'outbox',
  key: outboxKey(channel, conversation),
  runAtMs: nowMs,
  fairGroup: channel,
})

/** Commands never leave the house: the platform gets a token, the command stays here. */
async function withTokens(core: Needs, tx: Tx, part: Part, nowMs: number): Promise<Part> {
  if (part.type !== 'buttons') return part
  const buttons: Button[] = []
  for (const { command, once, ...button } of part.buttons) {
    if (command === undefined) {
      buttons.push(button)
      continue
    }
    const token = buttonToken(nowMs, core.ids.newSecret())
    await keepButton.run(tx, { token, command, once: once ? 1 : 0, nowMs })
    buttons.push({ ...button, token })
  }
  return { type: 'buttons', buttons }
}

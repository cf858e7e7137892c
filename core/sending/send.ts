import { findAccount } from '#db/accounts.ts'
import type { Tx } from '#db/db.ts'
import { keepMemory } from '../agents/keep-memory.ts'
import { type Reply, text as textPart } from '../chat/message.ts'
import { putMessage } from '../chat/outbox.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { appendEvents } from '../events/append.ts'
import { notify } from '../notifications/notify.ts'
import type { Happened } from '../runs/decide.ts'
import type { StoredRun } from '../runs/stored.ts'
import { type ChatAddressee, chatAddressee, mailAddressee } from './addressee.ts'
import type { SendOrder } from './order.ts'

type Needs = Pick<Core, 'ids' | 'clock' | 'queue'>

/**
 * Sends what a step that has just succeeded wants said, in the transaction of that very move: a step that is tried again
 * before it succeeded has sent nothing, and one that has succeeded is not tried again. A result that came too late sends
 * nothing either.
 */
export async function sendWithStep(
  core: Needs,
  tx: Tx,
  run: StoredRun,
  { changed, happened }: { changed: ReadonlySet<number>; happened: Happened },
): Promise<void> {
  if (happened.type !== 'step_succeeded' || !happened.send || !changed.has(happened.seq)) return
  if (run.state.steps[happened.seq]?.status !== 'succeeded') return
  await sendOrdered(core, tx, run, happened.send)
}

/**
 * Puts an order into the outbox, or into what is remembered. Whom it names is looked up here once more: whoever has left meanwhile hears nothing. For
 * those who call a tool outside of a step of its own: in the transaction in which its result is recorded, once.
 */
export async function sendOrdered(core: Needs, tx: Tx, run: StoredRun, order: SendOrder): Promise<void> {
  if (order.kind === 'memory') return keepMemory(core, tx, run, order)
  const reach = { context: run.context, accountId: run.row.account_id }
  const origin = await originOf(tx, run)
  if (order.kind === 'mail') {
    const to = await mailAddressee(tx, reach, order.to)
    if (!to) return
    const reply: Reply = {
      parts: [{ type: 'text', text: order.text }, textPart(`Sent by ${origin}, over Muster.`, 'muted')],
    }
    const { subject } = order
    await putMessage(core, tx, {
      channel: 'email',
      conversation: to.address,
      reply,
      cause: run.row.id,
      hints: { subject },
    })
    return tell(core, tx, run, `@${to.handle}`, 'email')
  }
  const to = await chatAddressee(tx, reach, order.to)
  if (!to) return
  await say(core, tx, run, { to, text: order.text, origin })
  await tell(core, tx, run, to.kind === 'person' ? `@${to.handle}` : 'team', 'chat')
}

/** Set apart as what others made, under who made it: it cannot pass for the bot's own words, for a card or for a refusal. */
async function say(
  core: Needs,
  tx: Tx,
  run: StoredRun,
  { to, text, origin }: { to: ChatAddressee; text: string; origin: string },
): Promise<void> {
  const reply: Reply = {
    parts: [textPart(`From ${origin}:`, 'muted'), { type: 'quote', of: { type: 'markdown', text } }],
  }
  const cause = run.row.id
  if (to.kind === 'person') {
    const { accountId } = to
    return notify(core, tx, {
      accountId,
      type: 'message',
      context: run.context,
      cause,
      text: `${origin}: ${text}`,
      reply,
    })
  }
  for (const chat of to.chats) await putMessage(core, tx, { ...chat, reply, cause })
}

/** What sends, and in whose name: `Release notes, started by @ada`. */
async function originOf(tx: Tx, { definition, row }: StoredRun): Promise<string> {
  const starter = await findAccount.first(tx, { id: row.account_id })
  return `${definition.displayName}${starter ? `, started by @${starter.handle}` : ''}`
}

const tell = (
  { clock }: Needs,
  tx: Tx,
  { row, context }: StoredRun,
  to: string,
  channel: 'chat' | 'email',
): Promise<void> =>
  appendEvents(tx, clock.nowMs(), [
    {
      type: 'message.sent',
      actor: row.account_id,
      context: contextKey(context),
      subject: row.id,
      details: { to, channel },
    },
  ])

import assert from 'node:assert/strict'
import type { Tx } from '#db/db.ts'
import type { Actor } from '../actor.ts'
import { contextKey, personal } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { accountById } from './account.ts'
import { type Code, findCode, newShortCode, plainShortCode, refusedCode, spendCode, storeCode } from './codes.ts'
import { channelTitle, findAccountByIdentity, identitySubject } from './identities.ts'
import { refuseLoss } from './join.ts'
import { recordMiss, refuseGuessing } from './link-misses.ts'

export const LINK_LIFETIME_MS = 10 * 60 * 1000

/** Where an identity is something of its own; on the web and the API a person is the account they signed in to. */
const JOINABLE = new Set(['telegram', 'slack', 'email'])

/**
 * The first side of joining: a code to type on the other channel, ten minutes, once. Not kept for redelivery, so that
 * no code stands readable in the database: asking again gives another one.
 */
export async function startLink(
  core: Pick<Core, 'db' | 'ids' | 'clock'>,
  actor: Actor,
  { conversation }: { conversation: string },
): Promise<{ code: string; expiresAtMs: number }> {
  const nowMs = core.clock.nowMs()
  const code = newShortCode(core.ids)
  const { accountId, channel } = actor
  await core.db.write(async function offerLinkCode(tx) {
    const payload = { channel, conversation }
    await storeCode(tx, { kind: 'link', code, accountId, payload, lifetimeMs: LINK_LIFETIME_MS, nowMs })
    await appendEvents(tx, nowMs, [
      {
        type: 'link.started',
        actor: accountId,
        context: contextKey(personal(accountId)),
        subject: accountId,
        details: { channel },
      },
    ])
  })
  return { code, expiresAtMs: nowMs + LINK_LIFETIME_MS }
}

/** The other side: whoever typed the code, known here or not. */
export interface LinkEntry {
  code: string
  channel: string
  externalId: string
  name: string
  conversation: string
  /** True where only that person and the bot read along: then they can be written to there. */
  isPrivate?: boolean
}

/** What the first side has to be asked, and where. */
export interface LinkQuestion {
  /** Who would get the identity. */
  account: { id: string; handle: string; displayName: string }
  /** Goes with the answer, to `confirmLink` or `declineLink`; ten minutes. */
  confirmToken: string
  askIn: { channel: string; conversation: string }
}

/**
 * Takes the code from the other side; nothing is joined before the first side confirms. Refusals say why: `not_found`,
 * `expired`, `conflict` (used, one's own, or an account that has something to lose), `too_many_requests` after ten wrong
 * ones. Entered again by the same person it asks again: what was to be sent the first time may be lost.
 */
export async function enterLink(core: Pick<Core, 'db' | 'ids' | 'clock'>, entry: LinkEntry): Promise<LinkQuestion> {
  const nowMs = core.clock.nowMs()
  const confirmToken = core.ids.newSecret()
  const typed = { ...entry, code: plainShortCode(entry.code) }
  // A refusal comes back as a value: thrown, it would undo the record of the miss.
  const outcome = await core.db.write(async function enterLinkCode(tx) {
    return (await refuseGuessing(tx, typed, nowMs)) ?? takeCode(tx, typed, confirmToken, nowMs)
  })
  if (outcome instanceof AppError) throw outcome
  return outcome
}

async function takeCode(tx: Tx, entry: LinkEntry, token: string, nowMs: number): Promise<LinkQuestion | AppError> {
  const enteredBy = identitySubject(entry.channel, entry.externalId)
  const link = await findCode(tx, 'link', entry.code)
  const isRepeat = link?.isUsed === true && link.payload.enteredBy === enteredBy
  if (!link || link.expiresAtMs <= nowMs || (link.isUsed && !isRepeat)) return missed(tx, entry, link, nowMs)
  await refuseJoining(tx, entry, link, nowMs)
  if (!isRepeat) {
    const payload = { ...link.payload, enteredBy }
    const isMine = await spendCode(tx, { kind: 'link', code: entry.code, payload, nowMs })
    if (!isMine) return missed(tx, entry, await findCode(tx, 'link', entry.code), nowMs)
  }
  return ask(tx, entry, link, token, nowMs)
}

async function missed(tx: Tx, entry: LinkEntry, link: Code | undefined, nowMs: number): Promise<AppError> {
  await recordMiss(tx, entry, nowMs)
  return refusedCode(link, 'code', nowMs)
}

async function refuseJoining(tx: Tx, entry: LinkEntry, link: Code, nowMs: number): Promise<void> {
  const { channel, externalId } = entry
  const owner = await findAccountByIdentity(tx, channel, externalId)
  const isOwn = (owner?.id ?? externalId) === link.accountId
  if (isOwn && channel === link.payload.channel) {
    throw new AppError(
      'conflict',
      'This is your own code: type it on the other channel, where you want to be known too.',
    )
  }
  if (isOwn)
    throw new AppError('conflict', `You are known here already: this ${channelTitle(channel)} account is yours.`)
  if (!JOINABLE.has(channel)) {
    const there = channelTitle(String(link.payload.channel))
    const message = `Here you are signed in to an account of its own. To join the two, type /link here and send the code to me on ${there}.`
    throw new AppError('conflict', message)
  }
  if (owner) await refuseLoss(tx, owner, entry, nowMs)
}

async function ask(tx: Tx, entry: LinkEntry, link: Code, token: string, nowMs: number): Promise<LinkQuestion> {
  const { channel, externalId, name, conversation, isPrivate } = entry
  assert(link.accountId, 'A link code without its account')
  const account = await accountById(tx, link.accountId)
  assert(account, `No account ${link.accountId}`)
  await storeCode(tx, {
    kind: 'link_confirm',
    code: token,
    accountId: account.id,
    payload: {
      channel,
      externalId,
      name,
      privateConversation: isPrivate ? conversation : null,
      askedOn: link.payload.channel ?? null,
    },
    lifetimeMs: LINK_LIFETIME_MS,
    nowMs,
  })
  await appendEvents(tx, nowMs, [
    {
      type: 'link.entered',
      actor: 'system',
      context: contextKey(personal(account.id)),
      subject: account.id,
      details: { channel, externalId, name },
    },
  ])
  return {
    account: { id: account.id, handle: account.handle, displayName: account.displayName },
    confirmToken: token,
    askIn: { channel: String(link.payload.channel), conversation: String(link.payload.conversation) },
  }
}

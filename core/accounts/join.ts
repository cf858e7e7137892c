import assert from 'node:assert/strict'
import { findBelongings, moveIdentity, refreshIdentity } from '#db/accounts.ts'
import type { Reader, Tx } from '#db/db.ts'
import { contextKey, personal, walletOf } from '../context.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { type Account, refuseDisabled } from './account.ts'
import { closeUnused } from './close.ts'
import { welcomeId } from './create.ts'
import { attachIdentity, channelTitle, findAccountByIdentity, type Identity } from './identities.ts'

/**
 * Ties an identity to an account when both sides have proven it. One that belongs to another account is moved when that
 * account has nothing to lose; it is then closed. Otherwise refused (`conflict`) with what stands in the way.
 */
export async function joinIdentity(tx: Tx, accountId: string, identity: Identity, nowMs: number): Promise<void> {
  const owner = await findAccountByIdentity(tx, identity.channel, identity.externalId)
  if (owner?.id === accountId) return
  if (!owner) return attachIdentity(tx, accountId, identity, nowMs)
  await refuseLoss(tx, owner, identity, nowMs)
  await takeOver(tx, owner, accountId, identity, nowMs)
}

async function takeOver(tx: Tx, owner: Account, accountId: string, identity: Identity, nowMs: number): Promise<void> {
  const { channel, externalId, name, privateConversation = null } = identity
  const moved = await moveIdentity.run(tx, { channel, externalId, fromAccountId: owner.id, toAccountId: accountId })
  if (moved === 0)
    throw new AppError('conflict', `This ${channelTitle(channel)} account has just been joined elsewhere.`)
  await refreshIdentity.run(tx, { channel, externalId, name, privateConversation })
  await appendEvents(tx, nowMs, [
    {
      type: 'identity.moved',
      actor: accountId,
      context: contextKey(personal(accountId)),
      subject: accountId,
      details: { channel, externalId, name, fromAccountId: owner.id },
    },
  ])
  await closeUnused(tx, owner, { by: accountId, details: { joinedTo: accountId }, nowMs })
}

/** Refuses to take its last identity from an account that somebody has begun to use. */
export async function refuseLoss(on: Reader, owner: Account, identity: Identity, nowMs: number): Promise<void> {
  refuseDisabled(owner)
  const reasons = await whatWouldBeLost(on, owner, identity, nowMs)
  if (reasons.length === 0) return
  const account = `This ${channelTitle(identity.channel)} account belongs to @${owner.handle}, which ${reasons.join(' and ')}.`
  throw new AppError('conflict', `${account} Only an account that was never used can be joined to another.`)
}

async function whatWouldBeLost(on: Reader, owner: Account, identity: Identity, nowMs: number): Promise<string[]> {
  const found = await belongingsOf(on, owner, identity, nowMs)
  const reasons: [boolean, string][] = [
    [owner.platformRole === 'admin', 'is an admin of this instance'],
    [found.teams > 0, 'is in a team'],
    [found.runs > 0, 'has runs'],
    [found.jobs > 0, 'has jobs'],
    [found.keys > 0, 'has API keys'],
    [found.passwords > 0, 'has a password'],
    [found.identities > 0, 'is known on another channel too'],
    [found.other_ways > 0, 'has another way in'],
    [found.posted_micros > found.welcome_micros || found.pending_micros > 0n, 'has money'],
  ]
  return reasons.filter(([isSo]) => isSo).map(([, reason]) => reason)
}

/**
 * Whether somebody has worked with an account, or is known by it on a channel: then it is theirs, whatever address stands
 * there. Ways in do not count: those come with making it.
 */
export async function isUsed(
  on: Reader,
  owner: Account,
  identity: Pick<Identity, 'channel' | 'externalId'>,
  nowMs: number,
): Promise<boolean> {
  const { teams, runs, jobs, identities, posted_micros, welcome_micros, pending_micros } = await belongingsOf(
    on,
    owner,
    identity,
    nowMs,
  )
  const hasMoney = posted_micros > welcome_micros || pending_micros > 0n
  return owner.platformRole === 'admin' || teams > 0 || runs > 0 || jobs > 0 || identities > 0 || hasMoney
}

async function belongingsOf(
  on: Reader,
  owner: Account,
  { channel, externalId }: Pick<Identity, 'channel' | 'externalId'>,
  nowMs: number,
) {
  const context = personal(owner.id)
  const found = await findBelongings.first(on, {
    accountId: owner.id,
    context: contextKey(context),
    wallet: walletOf(context),
    welcomeId: welcomeId(owner.id),
    channel,
    externalId,
    nowMs,
  })
  assert(found, `No wallet of ${owner.id}`)
  return found
}

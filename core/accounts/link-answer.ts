import type { Tx } from '#db/db.ts'
import type { Actor } from '../actor.ts'
import { contextKey, personal } from '../context.ts'
import type { Core } from '../core.ts'
import { appendEvents } from '../events/append.ts'
import { once } from '../once.ts'
import { findCode, refusedCode, spendCode } from './codes.ts'
import type { Identity } from './identities.ts'
import { joinIdentity } from './join.ts'

/** Who was, or would have been, joined. */
export type JoinedIdentity = { channel: string; externalId: string; name: string }

/**
 * The first side says yes: from now on the identity that entered the code is this account's. Refused for a token that is
 * not theirs (`not_found`), answered (`conflict`) or `expired`, or when the identity cannot be joined any more.
 */
export async function confirmLink(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  token: string,
): Promise<JoinedIdentity> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function joinConfirmedIdentity(tx) {
    return once(tx, { actor, operation: 'link.confirm', input: token, nowMs }, async () => {
      const identity = await takeAnswer(tx, actor, token, nowMs)
      await joinIdentity(tx, actor.accountId, identity, nowMs)
      return shown(identity)
    })
  })
}

/** The first side says no: the code and the question are over, nothing is joined. */
export async function declineLink(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  token: string,
): Promise<JoinedIdentity> {
  const nowMs = core.clock.nowMs()
  const { accountId } = actor
  return core.db.write(async function declineJoining(tx) {
    return once(tx, { actor, operation: 'link.decline', input: token, nowMs }, async () => {
      const identity = shown(await takeAnswer(tx, actor, token, nowMs))
      await appendEvents(tx, nowMs, [
        {
          type: 'link.declined',
          actor: accountId,
          context: contextKey(personal(accountId)),
          subject: accountId,
          details: identity,
        },
      ])
      return identity
    })
  })
}

const shown = ({ channel, externalId, name }: Identity): JoinedIdentity => ({ channel, externalId, name })

async function takeAnswer(tx: Tx, actor: Actor, token: string, nowMs: number): Promise<Identity> {
  const kind = 'link_confirm'
  const question = await findCode(tx, kind, token)
  const isAsked = question?.accountId === actor.accountId && question.payload.askedOn === actor.channel
  if (!question || !isAsked) throw refusedCode(undefined, 'question', nowMs)
  const { payload } = question
  if (!(await spendCode(tx, { kind, code: token, payload, nowMs }))) {
    throw refusedCode(await findCode(tx, kind, token), 'question', nowMs)
  }
  const { channel, externalId, name, privateConversation } = payload
  return {
    channel: String(channel),
    externalId: String(externalId),
    name: String(name),
    ...(typeof privateConversation === 'string' ? { privateConversation } : {}),
  }
}

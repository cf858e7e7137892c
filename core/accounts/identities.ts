import { findIdentity, insertIdentity, listIdentities as listIdentityRows, refreshIdentity } from '#db/accounts.ts'
import type { Reader, Tx } from '#db/db.ts'
import { contextKey, personal } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { type Account, accountOf } from './account.ts'

/** How a person is known on a channel. */
export interface Identity {
  channel: string
  /** The platform's id of the person, opaque to us; for Slack with the workspace, for e-mail the verified address. */
  externalId: string
  /** As the platform shows the person. */
  name: string
  /** Where the person can be written to alone, as soon as it is known. */
  privateConversation?: string
}

/** What an identity stands under in the events. */
export const identitySubject = (channel: string, externalId: string): string => `identity:${channel}:${externalId}`

const TITLES: Record<string, string> = {
  telegram: 'Telegram',
  slack: 'Slack',
  email: 'e-mail',
  google: 'Google',
  web: 'web',
}

/** A channel's name in a sentence. */
export const channelTitle = (channel: string): string => TITLES[channel] ?? channel

/** The account behind an identity, disabled ones too. */
export async function findAccountByIdentity(
  on: Reader,
  channel: string,
  externalId: string,
): Promise<Account | undefined> {
  const row = await findIdentity.first(on, { channel, externalId })
  return row && accountOf(row)
}

/** Ties an identity that is nobody's to an account. Refused (`conflict`) when it belongs to an account already. */
export async function attachIdentity(tx: Tx, accountId: string, identity: Identity, nowMs: number): Promise<void> {
  const { channel, externalId, name, privateConversation = null } = identity
  const inserted = await insertIdentity.run(tx, { channel, externalId, accountId, name, privateConversation, nowMs })
  if (inserted === 0)
    throw new AppError('conflict', `This ${channelTitle(channel)} account already belongs to somebody.`)
  await appendEvents(tx, nowMs, [
    {
      type: 'identity.attached',
      actor: accountId,
      context: contextKey(personal(accountId)),
      subject: accountId,
      details: { channel, externalId, name },
    },
  ])
}

export interface ListedIdentity extends Identity {
  attachedAtMs: number
}

/** Oldest first. */
export async function listIdentities(on: Reader, accountId: string): Promise<ListedIdentity[]> {
  const rows = await listIdentityRows.all(on, { accountId })
  return rows.map((row) => ({
    channel: row.channel,
    externalId: row.external_id,
    name: row.name,
    ...(row.private_conversation === null ? {} : { privateConversation: row.private_conversation }),
    attachedAtMs: row.created_at_ms,
  }))
}

/**
 * Keeps up with the platform: the person's name there, and where they can be written to alone. Writes nothing when
 * nothing changed or nobody knows the identity, so it may be called with every message.
 */
export async function refreshKnownIdentity(core: Pick<Core, 'db' | 'clock'>, identity: Identity): Promise<void> {
  const { channel, externalId, privateConversation = null } = identity
  const known = await findIdentity.first(core.db, { channel, externalId })
  const name = identity.name || known?.identity_name
  if (!known || !name) return
  const movedAway = privateConversation !== null && privateConversation !== known.private_conversation
  if (name === known.identity_name && !movedAway) return
  const nowMs = core.clock.nowMs()
  await core.db.write(async function keepIdentityFresh(tx) {
    const refreshed = await refreshIdentity.first(tx, { channel, externalId, name, privateConversation })
    if (!refreshed) return
    const accountId = refreshed.account_id
    await appendEvents(tx, nowMs, [
      {
        type: 'identity.refreshed',
        actor: accountId,
        context: contextKey(personal(accountId)),
        subject: accountId,
        details: { channel, externalId, name },
      },
    ])
  })
}

/** Remembers where a person can be written to alone; nothing happens for an identity nobody knows. */
export const rememberPrivateConversation = (
  core: Pick<Core, 'db' | 'clock'>,
  { channel, externalId, conversation }: { channel: string; externalId: string; conversation: string },
): Promise<void> => refreshKnownIdentity(core, { channel, externalId, name: '', privateConversation: conversation })

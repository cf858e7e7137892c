import assert from 'node:assert/strict'
import type { Actor } from '../actor.ts'
import { contextKey, personal } from '../context.ts'
import type { Core } from '../core.ts'
import { appendEvents } from '../events/append.ts'
import { type Account, accountById, refuseDisabled } from './account.ts'
import { findCode, newCode, refusedCode, spendCode, storeCode } from './codes.ts'
import { type Entry, openSession, type Session } from './sessions.ts'

const CONSOLE_LINK_LIFETIME_MS = 10 * 60 * 1000

/**
 * A link that signs its holder in to the console: ten minutes, once. To be shown to the person alone. Not kept for
 * redelivery, so that no code stands readable in the database: asking again gives another one.
 */
export async function createConsoleLink(
  core: Pick<Core, 'db' | 'ids' | 'clock' | 'settings'>,
  actor: Actor,
): Promise<{ code: string; url: string; expiresAtMs: number }> {
  const nowMs = core.clock.nowMs()
  const code = newCode(core.ids)
  const { accountId, channel } = actor
  await core.db.write(async function offerConsoleLink(tx) {
    await storeCode(tx, { kind: 'console', code, accountId, lifetimeMs: CONSOLE_LINK_LIFETIME_MS, nowMs })
    await appendEvents(tx, nowMs, [
      {
        type: 'console_link.created',
        actor: accountId,
        context: contextKey(personal(accountId)),
        subject: accountId,
        details: { channel },
      },
    ])
  })
  const url = `${core.settings.publicUrl}/login?code=${code}`
  return { code, url, expiresAtMs: nowMs + CONSOLE_LINK_LIFETIME_MS }
}

/** Uses the link up and signs in. To be called by POST only: what merely opens links must not use them. */
export async function signInWithLink(
  core: Pick<Core, 'db' | 'ids' | 'clock'>,
  code: string,
  entry: Omit<Entry, 'by'> = {},
): Promise<Session & { account: Account }> {
  const { ids } = core
  const nowMs = core.clock.nowMs()
  return core.db.write(async function signInOnce(tx) {
    const isUsed = await spendCode(tx, { kind: 'console', code, payload: {}, nowMs })
    const found = await findCode(tx, 'console', code)
    if (!isUsed) throw refusedCode(found, 'link', nowMs)
    assert(found?.accountId, 'A console link without its account')
    const account = await accountById(tx, found.accountId)
    assert(account, `No account ${found.accountId}`)
    refuseDisabled(account)
    return { ...(await openSession(tx, { ids, nowMs }, account.id, { ...entry, by: 'console_link' })), account }
  })
}

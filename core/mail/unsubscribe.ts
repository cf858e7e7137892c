import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Reader } from '#db/db.ts'
import { findNotified } from '#db/notifications.ts'
import { contextKey, personal } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { channelsWithout, dropChannel } from '../notifications/change.ts'
import { NOTIFICATION_TYPES, type NotificationType, TYPES } from '../notifications/types.ts'
import type { Settings } from '../settings.ts'

/** What one mail tells of, and whom: it can be had in another way than by mail, with one click and without signing in. */
export interface Told {
  accountId: string
  types: NotificationType[]
}

/** What a message to be mailed carries; nothing where all of it waits for an answer. */
export function toldHint({ accountId, types }: Told): Record<string, string> {
  const optional = [...new Set(types)].filter((type) => !TYPES[type].needsAnswer)
  return optional.length === 0 ? {} : { told: `${accountId}.${optional.join('-')}` }
}

/** The address behind such a mail. It works for as long as the mail is kept: who keeps a mail may want no more of them. */
export function unsubscribeAddress(
  { publicUrl, authSecret }: Pick<Settings, 'publicUrl' | 'authSecret'>,
  hints: Record<string, string> | undefined,
): { url: string; titles: string[] } | undefined {
  const told = readTold(hints?.told ?? '')
  if (!told) return undefined
  const what = hints?.told ?? ''
  const url = `${publicUrl}/webhooks/email/unsubscribe?token=${what}.${macOf(authSecret, what)}`
  return { url, titles: told.types.map((type) => TYPES[type].title) }
}

const macOf = (secret: string, what: string): string =>
  createHmac('sha256', secret).update(`mail unsubscribe ${what}`).digest('base64url').slice(0, 22)

function readTold(what: string): Told | undefined {
  const [, accountId, list] = /^(acc_[\w-]{1,60})\.([a-z_-]{1,400})$/.exec(what) ?? []
  const types = NOTIFICATION_TYPES.filter((type) => list?.split('-').includes(type) && !TYPES[type].needsAnswer)
  return accountId === undefined || types.length === 0 ? undefined : { accountId, types }
}

function readToken({ authSecret }: Pick<Settings, 'authSecret'>, token: string): Told {
  const at = token.lastIndexOf('.')
  const [what, given] = [token.slice(0, Math.max(at, 0)), Buffer.from(token.slice(at + 1))]
  const right = Buffer.from(macOf(authSecret, what))
  const told = given.length === right.length && timingSafeEqual(given, right) ? readTold(what) : undefined
  if (!told) throw new AppError('not_found', 'This link is not whole. Copy all of it from the mail, or open it there.')
  return told
}

/** What a click would end, for the page that asks; looking changes nothing. */
export async function lookAtUnsubscribe(
  { db, settings }: Pick<Core, 'db' | 'settings'>,
  token: string,
): Promise<{ titles: string[]; isOff: boolean }> {
  const told = readToken(settings, token)
  return { titles: titlesOf(told), isOff: await isOff(db, told) }
}

/**
 * Tells somebody of these things by mail no more. They hear of them on their other channels, else they stand in the web chat.
 * A second time nothing changes.
 */
export async function unsubscribe(
  { db, clock, settings }: Pick<Core, 'db' | 'clock' | 'settings'>,
  token: string,
): Promise<{ titles: string[] }> {
  const told = readToken(settings, token)
  const { accountId, types } = told
  const nowMs = clock.nowMs()
  await db.write(async function unsubscribeFromMail(tx) {
    if (!(await dropChannel(tx, { accountId, types, channel: 'email', nowMs }))) return
    await appendEvents(tx, nowMs, [
      {
        type: 'preferences.notifications',
        actor: accountId,
        context: contextKey(personal(accountId)),
        subject: accountId,
        details: { unsubscribed: types },
      },
    ])
  })
  return { titles: titlesOf(told) }
}

const titlesOf = ({ types }: Told): string[] => types.map((type) => TYPES[type].title)

async function isOff(on: Reader, { accountId, types }: Told): Promise<boolean> {
  const person = await findNotified.first(on, { accountId })
  if (!person) return true
  const changes = await channelsWithout(on, { accountId, types, channel: 'email', settingsJson: person.settings_json })
  return changes.size === 0
}

import assert from 'node:assert/strict'
import { insertEventNumbered } from '#db/events.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { once } from '../once.ts'
import { requireContext } from '../teams/standing.ts'
import type { EventView } from './view.ts'

/** What the program itself says; nobody else may say it in its place. */
const OWN_WORDS = new Set([
  'account',
  'agent',
  'api_key',
  'budget',
  'callback',
  'charge',
  'chat',
  'connection',
  'console_link',
  'context',
  'credit_line',
  'email_verify',
  'endpoint',
  'identity',
  'instance',
  'invitation',
  'job',
  'lease',
  'limit',
  'link',
  'mail_sign_in',
  'member',
  'password',
  'password_reset',
  'policy',
  'preferences',
  'provider',
  'review',
  'rule',
  'run',
  'schedule',
  'session',
  'signing_secret',
  'step',
  'task',
  'team',
  'tool',
  'trigger',
  'variant',
  'wallet',
])

const DETAILS_MAX_BYTES = 16 * 1024

/**
 * Puts an event of one's own among those of the actor's context. It is never changed or removed. Refused: `bad_input` for the
 * types that the program itself uses. The same request key again writes it once.
 */
export async function postEvent(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  { type, subject, details = {} }: { type: string; subject: string; details?: JsonObject },
): Promise<EventView> {
  const [word = ''] = type.split('.')
  if (type.includes('.') && OWN_WORDS.has(word)) {
    const message = `is one of the program's own: choose a type that does not begin with ${word}.`
    throw new AppError('bad_input', `type ${message}`, { problems: [{ path: 'type', message }] })
  }
  if (Buffer.byteLength(JSON.stringify(details)) > DETAILS_MAX_BYTES) {
    throw new AppError('too_large', 'The details of an event may have 16 KiB at most.')
  }
  const nowMs = core.clock.nowMs()
  return core.db.write(async function postEvent(tx) {
    await requireContext(tx, actor, actor.context, 'work')
    return once(tx, { actor, operation: 'event.post', input: { type, subject, details }, nowMs }, async () => {
      const { accountId, context } = actor
      const row = { nowMs, type, actor: accountId, context: contextKey(context), subject }
      const written = await insertEventNumbered.first(tx, { ...row, detailsJson: JSON.stringify(details) })
      assert(written)
      return { seq: written.seq, ts: new Date(nowMs).toISOString(), type, actor: accountId, context, subject, details }
    })
  })
}

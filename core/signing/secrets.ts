import { createHmac } from 'node:crypto'
import type { Reader } from '#db/db.ts'
import { findSigningVersion, insertSigningVersion } from '#db/signing.ts'
import type { Actor } from '../actor.ts'
import { type ContextKey, contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { once } from '../once.ts'
import { requireContext } from '../teams/standing.ts'

/** How long receivers may take to learn a new secret: both signatures are sent until then. */
const BOTH_VALID_MS = 24 * 60 * 60 * 1000

type Needs = Pick<Core, 'db' | 'clock' | 'settings'>

/**
 * The secrets that requests of a context are signed with now, the newest first. None is stored: each is made from
 * AUTH_SECRET, the context and the number of its version, and only the versions are rows.
 */
export async function signingSecrets(core: Needs, on: Reader, context: ContextKey): Promise<[string, ...string[]]> {
  const { current, previous } = await versionsOf(core, on, context)
  const secret = (version: number): string => secretOf(core.settings.authSecret, context, version)
  return previous ? [secret(current.version), secret(previous.version)] : [secret(current.version)]
}

export type SigningView = {
  secret: string
  createdAt: string | null
  /** The one before, and until when requests carry its signature as well. */
  previous: { secret: string; validUntil: string } | null
}

/** For those who may change connections: whoever has it can sign in the context's name. */
export async function getSigning(core: Needs, actor: Actor): Promise<SigningView> {
  await requireContext(core.db, actor, actor.context, 'connect')
  return viewOf(core, contextKey(actor.context), await versionsOf(core, core.db, contextKey(actor.context)))
}

/** A new secret from now on; the old one is valid for another day. Two at once make one (`conflict` for the other). */
export async function rotateSigning(core: Needs, actor: Actor): Promise<SigningView> {
  const context = contextKey(actor.context)
  const nowMs = core.clock.nowMs()
  return core.db.write(async function rotateSigning(tx) {
    await requireContext(tx, actor, actor.context, 'connect')
    await once(tx, { actor, operation: 'signing.rotate', input: { context }, nowMs }, async () => {
      const { current } = await versionsOf(core, tx, context)
      const version = current.version + 1
      const made = await insertSigningVersion.run(tx, { context, version, createdBy: actor.accountId, nowMs })
      if (made === 0) throw new AppError('conflict', 'The secret was changed by somebody else a moment ago.')
      const details = { version }
      await appendEvents(tx, nowMs, [
        { type: 'signing_secret.rotated', actor: actor.accountId, context, subject: context, details },
      ])
      return { version }
    })
    return viewOf(core, context, await versionsOf(core, tx, context))
  })
}

interface Versions {
  current: { version: number; createdAtMs: number | null }
  previous: { version: number; validUntilMs: number } | undefined
}

async function versionsOf({ clock }: Pick<Core, 'clock'>, on: Reader, context: ContextKey): Promise<Versions> {
  const newest = await findSigningVersion.first(on, { context })
  if (!newest) return { current: { version: 1, createdAtMs: null }, previous: undefined }
  const { version, created_at_ms } = newest
  const validUntilMs = created_at_ms + BOTH_VALID_MS
  return {
    current: { version, createdAtMs: created_at_ms },
    previous: clock.nowMs() < validUntilMs ? { version: version - 1, validUntilMs } : undefined,
  }
}

function viewOf({ settings }: Needs, context: ContextKey, { current, previous }: Versions): SigningView {
  return {
    secret: secretOf(settings.authSecret, context, current.version),
    createdAt: current.createdAtMs === null ? null : new Date(current.createdAtMs).toISOString(),
    previous: previous
      ? {
          secret: secretOf(settings.authSecret, context, previous.version),
          validUntil: new Date(previous.validUntilMs).toISOString(),
        }
      : null,
  }
}

const secretOf = (authSecret: string, context: ContextKey, version: number): string =>
  `whsec_${createHmac('sha256', authSecret).update(`signing:${context}:${version}`).digest('base64')}`

import type { Tx } from '#db/db.ts'
import {
  deleteTriggerSecrets,
  endTriggerSecrets,
  insertTriggerSecret,
  setTriggerSecret,
  type TriggerRow,
  updateTrigger,
} from '#db/triggers.ts'
import type { Actor } from '../actor.ts'
import { requestDigest } from '../connections/digest.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { Json, JsonObject } from '../json.ts'
import { once } from '../once.ts'
import { ownerAfter, type SecretMade, triggerToChange } from './save.ts'
import { checkTriggerSecret, hintOf, newTriggerSecret, sealedSecret } from './secrets.ts'
import { requireTrigger, triggerEvent } from './trigger.ts'

type Needs = Pick<Core, 'db' | 'clock'>

/** From now on nothing is taken until it is resumed: what is sent meanwhile is refused like what nobody knows. */
export const pauseTrigger = (core: Needs, actor: Actor, { id }: { id: string }): Promise<{ id: string }> =>
  change(core, actor, id, 'pause', async (tx, row, nowMs) => {
    if (row.status === 'paused') return undefined
    await updateTrigger.run(tx, { ...row, status: 'paused', updated_at_ms: nowMs })
    return { type: 'paused', details: {} }
  })

/**
 * Takes deliveries again. Where its owner may not keep it any more, whoever resumes it becomes the owner, also when it was
 * not paused. One that works stays as it is.
 */
export const resumeTrigger = (core: Needs, actor: Actor, { id }: { id: string }): Promise<{ id: string }> =>
  change(core, actor, id, 'resume', async (tx, row, nowMs) => {
    const { account_id } = await ownerAfter(tx, row, actor)
    if (row.status === 'active' && account_id === row.account_id) return undefined
    await updateTrigger.run(tx, { ...row, account_id, status: 'active', updated_at_ms: nowMs })
    return { type: 'resumed', details: account_id === row.account_id ? {} : { owner: account_id } }
  })

/** Takes it away for good, secret and all. Its runs stay; those that go on, go on. */
export const removeTrigger = (core: Needs, actor: Actor, { id }: { id: string }): Promise<{ id: string }> =>
  change(core, actor, id, 'remove', async (tx, row, nowMs) => {
    await updateTrigger.run(tx, { ...row, status: 'removed', updated_at_ms: nowMs })
    await deleteTriggerSecrets.run(tx, { triggerId: id })
    return { type: 'removed', details: {} }
  })

const OVERLAP_MS_MAX = 7 * 24 * 3_600_000

/**
 * A new secret from now on. The old one is refused at once, or counts for `overlapMs` more, so that the other side may take
 * its time. Two at once make one (`conflict` for the other).
 */
export async function rotateTrigger(
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'settings'>,
  actor: Actor,
  { id, secret: given, overlapMs = 0 }: { id: string; secret?: string | undefined; overlapMs?: number | undefined },
): Promise<SecretMade> {
  if (!Number.isInteger(overlapMs) || overlapMs < 0 || overlapMs > OVERLAP_MS_MAX) {
    const message = 'is a whole number of milliseconds, at most seven days'
    throw new AppError('bad_input', `overlapMs ${message}.`, { problems: [{ path: 'overlapMs', message }] })
  }
  const nowMs = core.clock.nowMs()
  const found = await requireTrigger(core.db, actor, id)
  const made = newTriggerSecret(found.scheme)
  const input = requestDigest(core.settings.authSecret, { id, secret: given ?? null, overlapMs })
  return core.db.write(async function rotateTrigger(tx) {
    const row = await triggerToChange(tx, actor, id)
    return once(tx, { actor, operation: 'trigger.rotate', input, nowMs }, async () => {
      if (given !== undefined) checkTriggerSecret(row.scheme, given)
      const secret = given ?? made
      const version = row.version + 1
      const changed = { id, before: row.version, version, hint: hintOf(secret), nowMs }
      if ((await setTriggerSecret.run(tx, changed)) === 0) {
        throw new AppError('conflict', 'Its secret was changed by somebody else a moment ago.')
      }
      await endTriggerSecrets.run(tx, { triggerId: id, untilMs: nowMs + overlapMs })
      await insertTriggerSecret.run(tx, sealedSecret(core, { ...row, version }, secret))
      await appendEvents(tx, nowMs, [triggerEvent(row, 'rotated', { version, overlapMs }, actor.accountId)])
      return { id, version }
    })
  })
}

type Happened = { type: string; details: JsonObject }

/** One change of a trigger by somebody who may: held, once per request key, with its event. */
async function change(
  core: Needs,
  actor: Actor,
  id: string,
  what: string,
  act: (tx: Tx, row: TriggerRow, nowMs: number) => Promise<Happened | undefined>,
): Promise<{ id: string }> {
  const nowMs = core.clock.nowMs()
  const input: Json = { id }
  return core.db.write(async function changeTrigger(tx) {
    return once(tx, { actor, operation: `trigger.${what}`, input, nowMs }, async () => {
      const row = await triggerToChange(tx, actor, id)
      const happened = await act(tx, row, nowMs)
      if (happened) {
        const { type, details } = happened
        await appendEvents(tx, nowMs, [triggerEvent(row, type, details, actor.accountId)])
      }
      return { id }
    })
  })
}

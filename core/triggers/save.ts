import type { Tx } from '#db/db.ts'
import {
  countTriggers,
  holdTrigger,
  insertTrigger,
  insertTriggerSecret,
  type TriggerRow,
  updateTrigger,
} from '#db/triggers.ts'
import type { Actor } from '../actor.ts'
import { requestDigest } from '../connections/digest.ts'
import { contextKey, contextOf } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { Json, JsonObject } from '../json.ts'
import { usdOrNull } from '../money.ts'
import { answerBefore, once } from '../once.ts'
import { isOwnerFit, requireKeeper } from '../schedules/keeper.ts'
import { checkTriggerSecret, hintOf, newTriggerSecret, sealedSecret } from './secrets.ts'
import { type CheckedTerms, checkTerms, type NewTrigger, type TriggerTerms } from './terms.ts'
import { keptBy, requireTrigger, triggerEvent } from './trigger.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'settings'>

const TRIGGERS_MAX = 200

/** Which of its secrets a request has brought about. */
export type SecretMade = { id: string; version: number }

/**
 * Makes a trigger; its runs act with the rights of the actor, who owns it. Refused: `bad_input` with every problem, and
 * `forbidden` for who may not keep what runs by itself there. The same request key again gives the same trigger.
 */
export async function createTrigger(core: Needs, actor: Actor, given: NewTrigger): Promise<SecretMade> {
  const input = requestDigest(core.settings.authSecret, plainJson(given))
  const asked = { actor, operation: 'trigger.create', input }
  await requireKeeper(core.db, actor, actor.context)
  const before = await answerBefore<SecretMade>(core.db, asked)
  if (before) return before
  const { scheme } = given
  if (given.secret !== undefined) checkTriggerSecret(scheme, given.secret)
  const terms = await checkTerms(core, actor, given)
  const secret = given.secret ?? newTriggerSecret(scheme)
  const nowMs = core.clock.nowMs()
  const row: TriggerRow = {
    ...newRow(actor, terms, nowMs),
    id: core.ids.newId('trg'),
    scheme,
    hint: hintOf(secret),
  }
  const sealed = sealedSecret(core, row, secret)
  return core.db.write(async function createTrigger(tx) {
    await requireKeeper(tx, actor, actor.context)
    return once(tx, { ...asked, nowMs }, async () => {
      const { count = 0 } = (await countTriggers.first(tx, row)) ?? {}
      if (count >= TRIGGERS_MAX) throw new AppError('conflict', `There are ${TRIGGERS_MAX} triggers here already.`)
      await insertTrigger.run(tx, row)
      await insertTriggerSecret.run(tx, sealed)
      await appendEvents(tx, nowMs, [triggerEvent(row, 'created', factsOf(row), actor.accountId)])
      return { id: row.id, version: row.version }
    })
  })
}

function newRow(actor: Actor, terms: CheckedTerms, nowMs: number): Omit<TriggerRow, 'scheme' | 'hint'> {
  return {
    ...terms,
    id: '',
    context: contextKey(actor.context),
    account_id: actor.accountId,
    version: 1,
    committed_micros: 0n,
    window_ms: 0,
    window_count: 0,
    capped_at_ms: 0,
    status: 'active',
    refused_code: null,
    refused_reason: null,
    refused_at_ms: null,
    noticed_at_ms: 0,
    last_at_ms: null,
    created_at_ms: nowMs,
    updated_at_ms: nowMs,
    rotated_at_ms: null,
  }
}

/**
 * Puts other terms in place of those that are there; the address and the secret stay. Whoever changes what it does is its
 * owner from now on: nothing runs in the name of somebody who has not asked for it.
 */
export async function changeTrigger(
  core: Needs,
  actor: Actor,
  { id, terms: given }: { id: string; terms: TriggerTerms },
): Promise<{ id: string }> {
  const asked = { actor, operation: 'trigger.update', input: { id, terms: plainJson(given) } }
  const found = await requireTrigger(core.db, actor, id)
  await requireKeeper(core.db, actor, contextOf(found.context))
  const before = await answerBefore<{ id: string }>(core.db, asked)
  if (before) return before
  const terms = await checkTerms(core, { ...actor, context: contextOf(found.context) }, given)
  const nowMs = core.clock.nowMs()
  return core.db.write(async function changeTrigger(tx) {
    return once(tx, { ...asked, nowMs }, async () => {
      const row = await triggerToChange(tx, actor, id)
      await updateTrigger.run(tx, { ...row, ...terms, account_id: actor.accountId, updated_at_ms: nowMs })
      const changed = { ...row, ...terms }
      await appendEvents(tx, nowMs, [triggerEvent(changed, 'updated', factsOf(changed), actor.accountId)])
      return { id }
    })
  })
}

/** One that the actor may change, held. */
export async function triggerToChange(tx: Tx, actor: Actor, id: string): Promise<TriggerRow> {
  const row = await requireTrigger(tx, actor, id, holdTrigger)
  await requireKeeper(tx, actor, contextOf(row.context))
  return row
}

/** Nobody is made the owner of what works: only where it does not any more. */
export const ownerAfter = async (tx: Tx, row: TriggerRow, actor: Actor): Promise<Pick<TriggerRow, 'account_id'>> => ({
  account_id: (await isOwnerFit(tx, keptBy(row))) ? row.account_id : actor.accountId,
})

const factsOf = ({ job_key, scheme, budget_micros, rate_per_minute }: TriggerRow): JsonObject => ({
  jobId: job_key,
  scheme,
  budgetUsd: usdOrNull(budget_micros),
  ratePerMinute: rate_per_minute,
})

const plainJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json

import type { Tx } from '#db/db.ts'
import { type RuleRow, updateRule } from '#db/rules.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { JsonObject } from '../json.ts'
import { once } from '../once.ts'
import { nextAfter, type Rhythm } from '../schedules/rhythm.ts'
import { ruleEvent } from './rule.ts'
import { newestSeq, ownerAfter, ruleToChange } from './save.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'queue'>

/** From now on it says nothing until it is resumed. What happens meanwhile is not made up for. */
export const pauseRule = (core: Needs, actor: Actor, { id }: { id: string }): Promise<{ id: string }> =>
  change(core, actor, id, 'pause', async (tx, row, nowMs) => {
    if (row.status === 'paused') return undefined
    refuseEnded(row)
    const changed = {
      ...row,
      status: 'paused',
      status_reason: 'by_hand',
      next_at_ms: null,
      updated_at_ms: nowMs,
    } as const
    await updateRule.run(tx, changed)
    return { type: 'paused', details: { reason: 'by_hand' } }
  })

/** Lets it go on, from now on. Where its owner may not keep it any more, whoever resumes it becomes the owner. */
export const resumeRule = (core: Needs, actor: Actor, { id }: { id: string }): Promise<{ id: string }> =>
  change(core, actor, id, 'resume', async (tx, row, nowMs) => {
    if (row.status === 'active') return undefined
    refuseEnded(row)
    const rhythm = row.rhythm_json === null ? undefined : (JSON.parse(row.rhythm_json) as Rhythm)
    const nextAtMs = rhythm ? nextAfter(rhythm, nowMs) : null
    if (rhythm && nextAtMs === null) throw new AppError('conflict', 'Its last time has passed. Make a new rule.')
    const { account_id } = await ownerAfter(tx, row, actor, { isReworded: false })
    await updateRule.run(tx, {
      ...row,
      account_id,
      status: 'active',
      status_reason: null,
      next_at_ms: nextAtMs,
      since_seq: await newestSeq(tx),
      updated_at_ms: nowMs,
    })
    return { type: 'resumed', details: account_id === row.account_id ? {} : { owner: account_id } }
  })

/** Takes it away for good; what it has said stays said. */
export const removeRule = (core: Needs, actor: Actor, { id }: { id: string }): Promise<{ id: string }> =>
  change(core, actor, id, 'remove', async (tx, row, nowMs) => {
    await updateRule.run(tx, {
      ...row,
      status: 'removed',
      status_reason: 'by_hand',
      next_at_ms: null,
      updated_at_ms: nowMs,
    })
    return { type: 'removed', details: {} }
  })

function refuseEnded({ status }: RuleRow): void {
  if (status === 'ended') throw new AppError('conflict', 'This rule has said what it was to say. Make a new one.')
}

/** One change of a rule by somebody who may: held, once per request key, with its event. */
async function change(
  core: Needs,
  actor: Actor,
  id: string,
  what: string,
  act: (tx: Tx, row: RuleRow, nowMs: number) => Promise<{ type: string; details: JsonObject } | undefined>,
): Promise<{ id: string }> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function changeRule(tx) {
    return once(tx, { actor, operation: `rule.${what}`, input: { id }, nowMs }, async () => {
      const row = await ruleToChange(tx, actor, id)
      const happened = await act(tx, row, nowMs)
      if (happened) {
        const { type, details } = happened
        await appendEvents(tx, nowMs, [ruleEvent(row, type, details, actor.accountId)])
      }
      tx.afterCommit(() => core.queue.wakeCompanions())
      return { id }
    })
  })
}

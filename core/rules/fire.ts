import type { Tx } from '#db/db.ts'
import type { StoredEvent } from '#db/events.ts'
import { deleteRuleFire, insertRuleFire, type RuleFireRow, setFireStatus } from '#db/rule-fires.ts'
import { advanceRule, countFire, holdRule, markRuleCapped, type RuleRow, updateRule } from '#db/rules.ts'
import { putIncoming } from '../chat/inbox.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { ownerOf } from '../schedules/keeper.ts'
import { nextAfter, type Rhythm } from '../schedules/rhythm.ts'
import { type Cause, withCause } from './cause.ts'
import { filledIn } from './command-text.ts'
import { tellOwner } from './notice.ts'
import { keptBy, ruleEvent } from './rule.ts'

type Needs = Pick<Core, 'clock' | 'ids' | 'queue'>

/** So many rules may lead to one another; what needs more is a mistake. */
const CHAIN_MAX = 4
const HOUR_MS = 3_600_000

/** Lets a rule say its command because of an event, at most once for it; or writes down why it stays silent. */
export async function fireForEvent(
  core: Needs,
  tx: Tx,
  ruleId: string,
  event: StoredEvent,
  before: Cause,
): Promise<void> {
  const rule = await holdRule.first(tx, { id: ruleId })
  // Changed by somebody since it was read.
  if (rule?.status !== 'active' || rule.filter_json === null || event.seq <= rule.since_seq) return
  const cause = [...before, rule.id]
  const fire = newFire(core, rule, `event:${event.seq}`, cause)
  const about = { ...fire, event_seq: event.seq, event_type: event.type }
  const stopped = whyStopped(before, rule)
  if (stopped !== undefined) {
    await insertRuleFire.first(tx, { ...about, status: 'stopped', reason: stopped })
    return
  }
  const command = filledIn(rule.command, event)
  if (command === undefined) {
    const reason = 'The event says something that cannot stand in a command.'
    await insertRuleFire.first(tx, { ...about, status: 'stopped', reason })
    return
  }
  await fireNow(core, tx, rule, { ...about, command })
}

/** What a rule has led to is none of its business, also by way of others. */
function whyStopped(before: Cause, rule: RuleRow): string | undefined {
  if (before.includes(rule.id)) return 'It has led to this event itself.'
  return before.length >= CHAIN_MAX
    ? `${CHAIN_MAX} rules have led to this event one by another; that is as far as it goes.`
    : undefined
}

/** Lets a rule say its command because its time has come. Nothing happens when that was done already. */
export async function fireAtTime(core: Needs, tx: Tx, { id, next_at_ms: dueAtMs }: RuleRow): Promise<boolean> {
  const rule = await holdRule.first(tx, { id })
  if (dueAtMs === null || rule?.status !== 'active' || rule.next_at_ms !== dueAtMs || rule.rhythm_json === null)
    return false
  const nowMs = core.clock.nowMs()
  const rhythm = JSON.parse(rule.rhythm_json) as Rhythm
  // Times that were missed are made up for once.
  const nextAtMs = nextAfter(rhythm, Math.max(nowMs, dueAtMs))
  const end =
    nextAtMs === null ? ({ status: 'ended', reason: 'done' } as const) : ({ status: 'active', reason: null } as const)
  await advanceRule.run(tx, { id, dueAtMs, nextAtMs, ...end })
  await fireNow(core, tx, rule, newFire(core, rule, `at:${dueAtMs}`, [rule.id]))
  return true
}

const newFire = ({ ids, clock }: Needs, rule: RuleRow, causeKey: string, cause: Cause): RuleFireRow => ({
  id: ids.newId('fire'),
  rule_id: rule.id,
  cause_key: causeKey,
  account_id: rule.account_id,
  status: 'said',
  event_seq: null,
  event_type: null,
  chain_json: JSON.stringify(cause),
  command: rule.command,
  reason: null,
  at_ms: clock.nowMs(),
})

async function fireNow(core: Needs, tx: Tx, rule: RuleRow, fire: RuleFireRow): Promise<void> {
  if (!(await insertRuleFire.first(tx, fire))) return
  const nowMs = core.clock.nowMs()
  const windowMs = nowMs - (nowMs % HOUR_MS)
  if ((await countFire.run(tx, { id: rule.id, windowMs, nowMs })) === 0) return capped(tx, rule, fire, windowMs)
  const cause = JSON.parse(fire.chain_json) as string[]
  try {
    const owner = await ownerOf(tx, keptBy(rule), fire.id)
    await putIncoming(core, tx, {
      channel: 'rule',
      deliveryId: fire.id,
      conversation: fire.id,
      isPrivate: true,
      sender: { externalId: owner.accountId, name: owner.handle },
      text: fire.command,
      isAddressed: true,
      files: [],
      context: rule.context.replace(':', '/'),
      cause,
      atMs: nowMs,
    })
    const details = { fireId: fire.id, ...(fire.event_seq === null ? {} : { eventSeq: fire.event_seq }) }
    await appendEvents(tx, nowMs, [ruleEvent(rule, 'fired', withCause(details, cause))])
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    await refuse(core, tx, rule, fire, error.message)
  }
}

/** Of those that are too many one is written down in an hour. */
async function capped(tx: Tx, rule: RuleRow, { id }: RuleFireRow, windowMs: number): Promise<void> {
  if ((await markRuleCapped.run(tx, { id: rule.id, windowMs })) === 0) {
    await deleteRuleFire.run(tx, { id })
    return
  }
  const reason = `It may say its command ${rule.rate_per_hour} times an hour; what comes now is left out until the next one.`
  await setFireStatus.run(tx, { id, from: 'said', to: 'capped', reason })
}

/** Whoever it speaks for may not any more: it is silent until somebody else takes it over. */
async function refuse(core: Needs, tx: Tx, rule: RuleRow, { id }: RuleFireRow, reason: string): Promise<void> {
  const nowMs = core.clock.nowMs()
  await setFireStatus.run(tx, { id, from: 'said', to: 'refused', reason })
  await updateRule.run(tx, { ...rule, status: 'paused', status_reason: reason, next_at_ms: null, updated_at_ms: nowMs })
  await appendEvents(tx, nowMs, [ruleEvent(rule, 'paused', { reason })])
  await tellOwner(core, tx, rule, `It is paused: ${reason}`)
}

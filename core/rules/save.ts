import type { Tx } from '#db/db.ts'
import { findNewestEvent } from '#db/events.ts'
import { countRules, holdRule, insertRule, type RuleRow, updateRule } from '#db/rules.ts'
import { accountById } from '../accounts/account.ts'
import { checkTimeZone } from '../accounts/fields.ts'
import type { Actor } from '../actor.ts'
import { contextKey, contextOf } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { Json, JsonObject } from '../json.ts'
import { answerBefore, once } from '../once.ts'
import { isOwnerFit, requireKeeper } from '../schedules/keeper.ts'
import { nextAfter, type Rhythm } from '../schedules/rhythm.ts'
import { readWhole } from '../schedules/when.ts'
import { hasPlaces } from './command-text.ts'
import { type EventFilter, requireFilter } from './filter.ts'
import { keptBy, requireRule, ruleEvent } from './rule.ts'

/** A command that is said by itself: when an event fits (`on`), or at a time or several (`at`). */
export interface NewRule {
  /** As it would be typed; `{subject}`, `{type}` and `{seq}` stand for those of the event. */
  command: string
  on?: EventFilter | undefined
  /** In ISO 8601 or words: `tomorrow 9am`, `every weekday at 9`. */
  at?: string | undefined
  /** An IANA name; left out, the owner's. */
  timezone?: string | undefined
  /** Left out, it is called by its command. */
  name?: string | undefined
  ratePerHour?: number | undefined
}

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

const RULES_MAX = 200
const COMMAND_CHARACTERS_MAX = 4_000
const NAME_CHARACTERS_MAX = 80
const RATE = { usual: 60, max: 3_600 }

type Terms = Pick<RuleRow, 'name' | 'command' | 'filter_json' | 'rhythm_json' | 'rate_per_hour' | 'next_at_ms'>

/**
 * Makes a rule; its commands are said by the actor, who owns it, with the rights they have by then. It knows of what happens
 * from now on. Whether the command is one is for the caller to have asked. The same request key again gives the same rule.
 */
export async function createRule(core: Needs, actor: Actor, given: NewRule): Promise<{ id: string }> {
  const asked = { actor, operation: 'rule.create', input: JSON.parse(JSON.stringify(given)) as Json }
  await requireKeeper(core.db, actor, actor.context)
  const before = await answerBefore<{ id: string }>(core.db, asked)
  if (before) return before
  const nowMs = core.clock.nowMs()
  const terms = await readTerms(core, actor, given, nowMs)
  return core.db.write(async function createRule(tx) {
    await requireKeeper(tx, actor, actor.context)
    return once(tx, { ...asked, nowMs }, async () => {
      const row = newRow(actor, terms, { id: core.ids.newId('rule'), sinceSeq: await newestSeq(tx), nowMs })
      const { count = 0 } = (await countRules.first(tx, row)) ?? {}
      if (count >= RULES_MAX) throw new AppError('conflict', `There are ${RULES_MAX} rules here already.`)
      await insertRule.run(tx, row)
      await appendEvents(tx, nowMs, [ruleEvent(row, 'created', factsOf(row), actor.accountId)])
      tx.afterCommit(() => core.queue.wakeCompanions())
      return { id: row.id }
    })
  })
}

/** Puts other terms in place of those that are there. Where its owner may not keep it any more, the actor becomes the owner. */
export async function changeRule(
  core: Needs,
  actor: Actor,
  { id, terms: given }: { id: string; terms: NewRule },
): Promise<{ id: string }> {
  const nowMs = core.clock.nowMs()
  const terms = await readTerms(core, actor, given, nowMs)
  const input = { id, terms: JSON.parse(JSON.stringify(given)) as Json }
  return core.db.write(async function changeRule(tx) {
    return once(tx, { actor, operation: 'rule.update', input, nowMs }, async () => {
      const row = await ruleToChange(tx, actor, id)
      const isPaused = row.status === 'paused'
      const changed: RuleRow = {
        ...row,
        ...terms,
        ...(await ownerAfter(tx, row, actor)),
        next_at_ms: isPaused ? null : terms.next_at_ms,
        status: isPaused ? 'paused' : 'active',
        status_reason: isPaused ? row.status_reason : null,
        since_seq: await newestSeq(tx),
        updated_at_ms: nowMs,
      }
      await updateRule.run(tx, changed)
      await appendEvents(tx, nowMs, [ruleEvent(changed, 'updated', factsOf(changed), actor.accountId)])
      tx.afterCommit(() => core.queue.wakeCompanions())
      return { id }
    })
  })
}

async function readTerms(core: Needs, actor: Actor, given: NewRule, nowMs: number): Promise<Terms> {
  const command = given.command.trim()
  const name = (given.name ?? command).replaceAll(/\s+/g, ' ').trim().slice(0, NAME_CHARACTERS_MAX)
  const rate = given.ratePerHour ?? RATE.usual
  if (command === '' || command.length > COMMAND_CHARACTERS_MAX) {
    throw wrong('command', `has 1 to ${COMMAND_CHARACTERS_MAX} characters`)
  }
  if (!Number.isInteger(rate) || rate < 1 || rate > RATE.max) {
    throw wrong('ratePerHour', `is a whole number from 1 to ${RATE.max}`)
  }
  if ((given.on === undefined) === (given.at === undefined)) throw wrong('on', 'or at says when: one of the two')
  if (given.on) {
    requireFilter(given.on)
    const filter_json = JSON.stringify(given.on)
    return { name, command, filter_json, rhythm_json: null, rate_per_hour: rate, next_at_ms: null }
  }
  if (hasPlaces(command)) throw wrong('command', 'names an event, and at its times there is none')
  const account = await accountById(core.db, actor.accountId)
  const timeZone = given.timezone === undefined ? (account?.timeZone ?? 'UTC') : checkTimeZone(given.timezone)
  const { rhythm } = readWhole(given.at ?? '', { nowMs, timeZone })
  const nextAtMs = nextAfter(rhythm, nowMs)
  if (nextAtMs === null) throw wrong('at', 'lies in the past')
  return {
    name,
    command,
    filter_json: null,
    rhythm_json: JSON.stringify(rhythm satisfies Rhythm),
    rate_per_hour: rate,
    next_at_ms: nextAtMs,
  }
}

const wrong = (path: string, message: string): AppError =>
  new AppError('bad_input', `This rule cannot be: ${path} ${message}.`, { problems: [{ path, message }] })

/** Events up to here are none of its business. */
export const newestSeq = async (tx: Tx): Promise<number> => (await findNewestEvent.first(tx, {}))?.seq ?? 0

function newRow(actor: Actor, terms: Terms, more: { id: string; sinceSeq: number; nowMs: number }): RuleRow {
  return {
    ...terms,
    id: more.id,
    context: contextKey(actor.context),
    account_id: actor.accountId,
    window_ms: 0,
    window_count: 0,
    since_seq: more.sinceSeq,
    status: 'active',
    status_reason: null,
    fires: 0,
    last_at_ms: null,
    created_at_ms: more.nowMs,
    updated_at_ms: more.nowMs,
  }
}

/** One that the actor may change, held. */
export async function ruleToChange(tx: Tx, actor: Actor, id: string): Promise<RuleRow> {
  const row = await requireRule(tx, actor, id, holdRule)
  await requireKeeper(tx, actor, contextOf(row.context))
  return row
}

/**
 * Whoever changes what a rule says is who says it from now on: nobody puts words into another's mouth. Otherwise it stays with
 * its owner, as long as they may keep it.
 */
export const ownerAfter = async (
  tx: Tx,
  row: RuleRow,
  actor: Actor,
  { isReworded = true } = {},
): Promise<Pick<RuleRow, 'account_id'>> => ({
  account_id: isReworded || !(await isOwnerFit(tx, keptBy(row))) ? actor.accountId : row.account_id,
})

const factsOf = ({ command, filter_json, rhythm_json, rate_per_hour }: RuleRow): JsonObject => ({
  command: command.slice(0, 200),
  on: filter_json === null ? null : (JSON.parse(filter_json) as Json),
  at: rhythm_json === null ? null : (JSON.parse(rhythm_json) as Json),
  ratePerHour: rate_per_hour,
})

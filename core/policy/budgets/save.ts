import type { Reader, Tx } from '#db/db.ts'
import { findSchedule } from '#db/schedules.ts'
import type { BudgetTable } from '#db/schema.ts'
import { changeBudget, countBudgets, deleteBudget, findBudget, insertBudget } from '#db/spend-budgets.ts'
import type { Actor } from '../../actor.ts'
import { agentIn } from '../../agents/agent.ts'
import { contextKey } from '../../context.ts'
import type { Core } from '../../core.ts'
import { readAmount } from '../../economy/amounts.ts'
import { AppError, notFound } from '../../errors.ts'
import { appendEvents, type NewEvent } from '../../events/append.ts'
import type { JsonObject } from '../../json.ts'
import { formatUsd } from '../../money.ts'
import { once } from '../../once.ts'
import { requirePerson } from '../../teams/member.ts'
import { requireContext } from '../../teams/standing.ts'
import { countWhatWas } from './before.ts'
import { type BudgetPeriod, SUBJECT } from './budget.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids'>

export type BudgetTerms = {
  limitUsd: string
  /** Of the limit: from there on it counts as low. 80 when nothing is said. */
  warnPercent?: number | undefined
  /** True when nothing is said. */
  stop?: boolean | undefined
}

/** `of` as in `BudgetView`; people and agents may be given by name. */
export type NewBudget = BudgetTerms & { of: string; period: BudgetPeriod }

const BUDGETS_MAX = 100

/**
 * Sets a budget in the actor's context → its id. It counts what its period has spent before, and what is held from now on.
 * `conflict` where there is one of the same for the same period.
 */
export async function createBudget(core: Needs, actor: Actor, given: NewBudget): Promise<{ id: string }> {
  const terms = readTerms(given)
  checkSubject(given)
  const nowMs = core.clock.nowMs()
  const id = core.ids.newId('bdg')
  const context = contextKey(actor.context)
  return core.db.write(async function createBudgetOnce(tx) {
    await requireContext(tx, actor, actor.context, 'limit')
    return once(tx, { actor, operation: 'budget.create', input: { ...asJson(given), context }, nowMs }, async () => {
      const subject = await subjectIn(tx, context, given.of)
      const { count = 0 } = (await countBudgets.first(tx, { context })) ?? {}
      if (Number(count) >= BUDGETS_MAX) throw new AppError('conflict', `There are ${BUDGETS_MAX} budgets here already.`)
      const { period } = given
      const row = { id, context, subject, period, ...terms, by: actor.accountId, nowMs }
      if ((await insertBudget.run(tx, row)) === 0) {
        throw new AppError(
          'conflict',
          `There is a budget of ${given.of} for a ${period} here already. Change that one.`,
        )
      }
      await countWhatWas(tx, row, nowMs)
      const details = { of: subject, period, ...eventTerms(terms) }
      await appendEvents(tx, nowMs, [budgetEvent(actor, 'budget.created', id, details)])
      return { id }
    })
  })
}

/**
 * Changes a budget's terms; what it has counted stays counted. With a `version` it must be that one still
 * (`precondition_failed`).
 */
export async function updateBudget(
  core: Needs,
  actor: Actor,
  { id, version, change }: { id: string; version?: number | undefined; change: Partial<BudgetTerms> },
): Promise<{ id: string }> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function updateBudgetOnce(tx) {
    const row = await budgetToChange(tx, actor, id)
    const input = { id, version: version ?? null, ...asJson(change) }
    return once(tx, { actor, operation: 'budget.change', input, nowMs }, async () => {
      const before = version ?? row.version
      const terms = readTerms({
        limitUsd: change.limitUsd ?? formatUsd(row.limit_micros),
        warnPercent: change.warnPercent ?? row.warn_percent,
        stop: change.stop ?? row.is_stop === 1,
      })
      if ((await changeBudget.run(tx, { id, before, version: before + 1, ...terms, nowMs })) === 0) {
        throw new AppError('precondition_failed', 'This budget was changed meanwhile. Read it again.')
      }
      await appendEvents(tx, nowMs, [
        budgetEvent(actor, 'budget.changed', id, { of: row.subject, ...eventTerms(terms) }),
      ])
      return { id }
    })
  })
}

/** Ends a budget. What was held under it is settled as usual. */
export async function removeBudget(core: Needs, actor: Actor, id: string): Promise<{ id: string }> {
  const nowMs = core.clock.nowMs()
  const context = contextKey(actor.context)
  return core.db.write(async function removeBudgetOnce(tx) {
    await requireContext(tx, actor, actor.context, 'limit')
    return once(tx, { actor, operation: 'budget.remove', input: { id, context }, nowMs }, async () => {
      const row = await budgetToChange(tx, actor, id)
      await deleteBudget.run(tx, { id })
      await appendEvents(tx, nowMs, [budgetEvent(actor, 'budget.removed', id, { of: row.subject, period: row.period })])
      return { id }
    })
  })
}

async function budgetToChange(tx: Tx, actor: Actor, id: string): Promise<BudgetTable> {
  await requireContext(tx, actor, actor.context, 'limit')
  const row = await findBudget.first(tx, { id, context: contextKey(actor.context) })
  if (!row) throw notFound('such budget')
  return row
}

type Terms = { limitMicros: bigint; warnPercent: number; isStop: number }

function readTerms({ limitUsd, warnPercent = 80, stop = true }: BudgetTerms): Terms {
  const limitMicros = readAmount('limitUsd', limitUsd)
  if (!Number.isInteger(warnPercent) || warnPercent < 1 || warnPercent > 100) {
    throw wrong('warnPercent', 'The share to warn at is a whole number from 1 to 100.')
  }
  return { limitMicros, warnPercent, isStop: stop ? 1 : 0 }
}

function checkSubject({ of, period }: NewBudget): void {
  if (!SUBJECT.test(of)) {
    const kinds = 'job:<name>, agent:<id>, schedule:<id>, provider:<name>, person:<account>'
    throw wrong('of', `A budget is of team, run, ${kinds}.`)
  }
  if (of === 'run' && period !== 'run') throw wrong('period', 'A budget of each run is for the period run.')
  if (of === 'team' && period === 'run') throw wrong('of', 'A budget for each run of the team is of run.')
}

const wrong = (path: string, message: string): AppError =>
  new AppError('bad_input', message, { problems: [{ path, message }] })

/** Who or what is meant, by its id: `not_found` for those that are not here. */
async function subjectIn(on: Reader, context: string, of: string): Promise<string> {
  const [kind, named = ''] = of.split(/:(.*)/s)
  if (kind === 'person') return `person:${(await requirePerson(on, named)).accountId}`
  if (kind === 'agent') {
    const agent = await agentIn(on, context, named)
    if (!agent) throw notFound('such agent')
    return `agent:${agent.id}`
  }
  if (kind === 'schedule') {
    const schedule = await findSchedule.first(on, { id: named })
    if (schedule?.context !== context) throw notFound('such schedule')
  }
  return of
}

const asJson = (terms: Partial<NewBudget>): JsonObject =>
  Object.fromEntries(Object.entries(terms).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))

const eventTerms = ({ limitMicros, warnPercent, isStop }: Terms) => ({
  limitUsd: formatUsd(limitMicros),
  warnPercent,
  stop: isStop === 1,
})

const budgetEvent = (actor: Actor, type: string, subject: string, details: JsonObject): NewEvent => ({
  type,
  actor: actor.accountId,
  context: contextKey(actor.context),
  subject,
  details,
})

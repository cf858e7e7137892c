import type { Reader } from '#db/db.ts'
import { findRule, type RuleRow } from '#db/rules.ts'
import type { Actor } from '../actor.ts'
import { contextOf } from '../context.ts'
import { notFound } from '../errors.ts'
import type { NewEvent } from '../events/append.ts'
import type { JsonObject } from '../json.ts'
import { requireReader } from '../runs/reader.ts'
import type { Kept } from '../schedules/keeper.ts'

/** A rule that the actor may see, as `find` reads it; others do not exist for them. */
export async function requireRule<On extends Reader>(
  on: On,
  actor: Actor,
  id: string,
  find: { first(on: On, parameters: { id: string }): Promise<RuleRow | undefined> } = findRule,
): Promise<RuleRow> {
  const row = await find.first(on, { id })
  if (!row) throw notFound('such rule')
  await requireReader(on, actor, contextOf(row.context), 'such rule')
  return row
}

/** In whose name its commands are said. */
export const keptBy = ({ account_id, context }: Pick<RuleRow, 'account_id' | 'context'>): Kept => ({
  account_id,
  context,
  channel: 'rule',
})

/** What happened to a rule. */
export const ruleEvent = (
  { id, context, name }: Pick<RuleRow, 'id' | 'context' | 'name'>,
  type: string,
  details: JsonObject,
  actor = 'system',
): NewEvent => ({ type: `rule.${type}`, actor, context, subject: id, details: { name, ...details } })

import type { Reader } from '#db/db.ts'
import { findTrigger, type TriggerRow } from '#db/triggers.ts'
import type { Actor } from '../actor.ts'
import { contextOf } from '../context.ts'
import { type AppError, notFound } from '../errors.ts'
import type { NewEvent } from '../events/append.ts'
import type { JsonObject } from '../json.ts'
import { requireReader } from '../runs/reader.ts'
import type { Kept } from '../schedules/keeper.ts'

/** A trigger that the actor may see, as `find` reads it; others do not exist for them. */
export async function requireTrigger<On extends Reader>(
  on: On,
  actor: Actor,
  id: string,
  find: { first(on: On, parameters: { id: string }): Promise<TriggerRow | undefined> } = findTrigger,
): Promise<TriggerRow> {
  const row = await find.first(on, { id })
  if (!row) throw noTrigger()
  await requireReader(on, actor, contextOf(row.context), 'such trigger')
  return row
}

const noTrigger = (): AppError => notFound('such trigger')

/** In whose name its runs start: by a webhook, whoever made it. */
export const keptBy = ({ account_id, context }: Pick<TriggerRow, 'account_id' | 'context'>): Kept => ({
  account_id,
  context,
  channel: 'webhook',
})

/** What happened to a trigger. */
export const triggerEvent = (
  { id, context, name }: Pick<TriggerRow, 'id' | 'context' | 'name'>,
  type: string,
  details: JsonObject,
  actor = 'system',
): NewEvent => ({ type: `trigger.${type}`, actor, context, subject: id, details: { name, ...details } })

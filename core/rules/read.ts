import type { Reader } from '#db/db.ts'
import { listRuleAnswers, listRuleFires } from '#db/rule-fires.ts'
import { listRules, type RuleRow } from '#db/rules.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { idCursor } from '../cursor.ts'
import { AppError } from '../errors.ts'
import { requireReader } from '../runs/reader.ts'
import { requireRule } from './rule.ts'
import { type RuleFireView, type RuleView, ruleFireView, ruleView } from './view.ts'

/** Behind every id. */
const END = 'zzzz'

export async function getRule(core: Pick<Core, 'db'>, actor: Actor, id: string): Promise<RuleView> {
  return ruleView(await requireRule(core.db, actor, id))
}

/** Of the actor's context, newest first. */
export async function findRules(
  { db }: Pick<Core, 'db'>,
  actor: Actor,
  { cursor, limit }: { cursor?: string; limit: number },
): Promise<{ items: RuleView[]; nextCursor: string | null }> {
  await requireReader(db, actor, actor.context, 'such context')
  const beforeId = cursor === undefined ? END : idCursor('rule', cursor)
  const rows = await listRules.all(db, { context: contextKey(actor.context), beforeId, limit: limit + 1 })
  const items = rows.slice(0, limit).map(ruleView)
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
}

/** What a rule has said, newest first. What was answered reads only for whom it was said. */
export async function findRuleFires(
  { db }: Pick<Core, 'db'>,
  actor: Actor,
  { id, cursor, limit }: { id: string; cursor?: string; limit: number },
): Promise<{ items: RuleFireView[]; nextCursor: string | null }> {
  await requireRule(db, actor, id)
  const beforeId = cursor === undefined ? END : idCursor('fire', cursor)
  const rows = await listRuleFires.all(db, { ruleId: id, beforeId, limit: limit + 1 })
  const items: RuleFireView[] = []
  for (const row of rows.slice(0, limit)) {
    const isOwn = row.account_id === actor.accountId
    items.push(ruleFireView(row, isOwn ? await listRuleAnswers.all(db, { fireId: row.id }) : null))
  }
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
}

/** The rule that words mean: an id, its name, or nothing where there is only one. */
export async function ruleMeant(on: Reader, actor: Actor, words: string | undefined): Promise<RuleRow> {
  if (words?.startsWith('rule_')) return requireRule(on, actor, words)
  await requireReader(on, actor, actor.context, 'such context')
  const all = await listRules.all(on, { context: contextKey(actor.context), beforeId: END, limit: 200 })
  const wanted = words?.toLowerCase()
  const fitting = wanted === undefined ? all : all.filter(({ name }) => name.toLowerCase() === wanted)
  const [only, another] = fitting
  if (!only) {
    const what = words === undefined ? 'There is no rule here.' : `There is no rule ${words} here.`
    throw new AppError('not_found', `${what} /rules lists them.`)
  }
  if (another) throw new AppError('conflict', 'Several rules fit. Press the button of the one you mean in /rules.')
  return only
}

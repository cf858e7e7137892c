import type { RuleFireTable } from './schema.ts'
import { statement } from './statement.ts'

/** A time that a rule spoke, or was kept from it. */
export type RuleFireRow = RuleFireTable

/** Nothing when this rule has fired for that already. */
export const insertRuleFire = statement((q, p: RuleFireRow) =>
  q
    .insertInto('rule_fire')
    .values({
      id: p.id,
      rule_id: p.rule_id,
      cause_key: p.cause_key,
      account_id: p.account_id,
      status: p.status,
      event_seq: p.event_seq,
      event_type: p.event_type,
      chain_json: p.chain_json,
      command: p.command,
      reason: p.reason,
      at_ms: p.at_ms,
    })
    .onConflict((conflict) => conflict.columns(['rule_id', 'cause_key']).doNothing())
    .returning('id'),
)

export const deleteRuleFire = statement((q, p: { id: string }) => q.deleteFrom('rule_fire').where('id', '=', p.id))

export const setFireStatus = statement(
  (q, p: { id: string; from: RuleFireRow['status']; to: RuleFireRow['status']; reason: string | null }) =>
    q
      .updateTable('rule_fire')
      .set({ status: p.to, reason: p.reason })
      .where('id', '=', p.id)
      .where('status', '=', p.from),
)

export const findRuleFire = statement((q, p: { id: string }) =>
  q.selectFrom('rule_fire').selectAll().where('id', '=', p.id),
)

/** Newest first. */
export const listRuleFires = statement((q, p: { ruleId: string; beforeId: string; limit: number }) =>
  q
    .selectFrom('rule_fire')
    .selectAll()
    .where('rule_id', '=', p.ruleId)
    .where('id', '<', p.beforeId)
    .orderBy('id', 'desc')
    .limit(p.limit),
)

/** The same message again replaces what it said. */
export const putRuleAnswer = statement((q, p: { fireId: string; key: string; text: string; nowMs: number }) =>
  q
    .insertInto('rule_answer')
    .values({ fire_id: p.fireId, message_key: p.key, text: p.text, at_ms: p.nowMs })
    .onConflict((conflict) => conflict.columns(['fire_id', 'message_key']).doUpdateSet({ text: p.text })),
)

export const listRuleAnswers = statement((q, p: { fireId: string }) =>
  q
    .selectFrom('rule_answer')
    .select(['text', 'at_ms'])
    .where('fire_id', '=', p.fireId)
    .orderBy('at_ms')
    .orderBy('message_key'),
)

export const listOldFires = statement((q, p: { beforeMs: number; most: number }) =>
  q.selectFrom('rule_fire').select('id').where('at_ms', '<', p.beforeMs).orderBy('at_ms').limit(p.most),
)

export const deleteRuleAnswers = statement((q, p: { fireId: string }) =>
  q.deleteFrom('rule_answer').where('fire_id', '=', p.fireId),
)

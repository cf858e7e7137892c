import type { FormStatus, FormTable } from './schema.ts'
import { statement } from './statement.ts'

export type FormRow = FormTable

export const insertForm = statement((q, p: Omit<FormTable, 'status'>) =>
  q.insertInto('form').values({
    id: p.id,
    account_id: p.account_id,
    channel: p.channel,
    conversation: p.conversation,
    purpose_json: p.purpose_json,
    terms_json: p.terms_json,
    answers_json: p.answers_json,
    turns_json: p.turns_json,
    status: 'open',
    created_at_ms: p.created_at_ms,
    expires_at_ms: p.expires_at_ms,
  }),
)

export const findForm = statement((q, p: { id: string }) => q.selectFrom('form').selectAll().where('id', '=', p.id))

/** What a person is filling in in a conversation; one at a time. */
export const findOpenForm = statement(
  (q, p: { accountId: string; channel: string; conversation: string; nowMs: number }) =>
    q
      .selectFrom('form')
      .selectAll()
      .where('account_id', '=', p.accountId)
      .where('channel', '=', p.channel)
      .where('conversation', '=', p.conversation)
      .where('status', '=', 'open')
      .where('expires_at_ms', '>', p.nowMs),
)

/** The form, kept from others until this transaction ends; nothing when it is over. What is being filled in lives on. */
export const takeForm = statement((q, p: { id: string; nowMs: number; expiresAtMs: number }) =>
  q
    .updateTable('form')
    .set({ expires_at_ms: p.expiresAtMs })
    .where('id', '=', p.id)
    .where('status', '=', 'open')
    .where('expires_at_ms', '>', p.nowMs)
    .returningAll(),
)

export const updateForm = statement(
  (q, p: Pick<FormTable, 'id' | 'purpose_json' | 'terms_json' | 'answers_json' | 'turns_json'>) =>
    q
      .updateTable('form')
      .set({
        purpose_json: p.purpose_json,
        terms_json: p.terms_json,
        answers_json: p.answers_json,
        turns_json: p.turns_json,
      })
      .where('id', '=', p.id),
)

/** Nothing when it is over already. */
export const closeForm = statement((q, p: { id: string; status: Exclude<FormStatus, 'open'> }) =>
  q.updateTable('form').set({ status: p.status }).where('id', '=', p.id).where('status', '=', 'open').returningAll(),
)

export const listExpiredForms = statement((q, p: { nowMs: number; most: number }) =>
  q
    .selectFrom('form')
    .selectAll()
    .where('status', '=', 'open')
    .where('expires_at_ms', '<=', p.nowMs)
    .orderBy('expires_at_ms')
    .limit(p.most),
)

/** What is over has no use after a while. */
export const deleteOldForms = statement((q, p: { beforeMs: number }) =>
  q.deleteFrom('form').where('status', '<>', 'open').where('expires_at_ms', '<', p.beforeMs),
)

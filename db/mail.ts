import { sql } from 'kysely'
import { statement } from './statement.ts'

export const insertThread = statement((q, p: { id: string; address: string; subject: string; nowMs: number }) =>
  q.insertInto('mail_thread').values({
    id: p.id,
    address: p.address,
    subject: p.subject,
    refs_json: '[]',
    last_in: null,
    created_at_ms: p.nowMs,
  }),
)

export const findThread = statement((q, p: { id: string }) =>
  q.selectFrom('mail_thread').selectAll().where('id', '=', p.id),
)

/** What was said last in it, by the person (`lastIn`) or by us. */
export const moveThread = statement((q, p: { id: string; refsJson: string; lastIn: string | null }) =>
  q.updateTable('mail_thread').set({ refs_json: p.refsJson, last_in: p.lastIn }).where('id', '=', p.id),
)

/** 0 rows for a Message-ID that is there already. */
export const insertMail = statement(
  (
    q,
    p: {
      messageId: string
      threadId: string
      isOurs: number
      isSent: number
      offersJson: string | null
      nowMs: number
    },
  ) =>
    q
      .insertInto('mail_message')
      .values({
        message_id: p.messageId,
        thread_id: p.threadId,
        is_ours: p.isOurs,
        offers_json: p.offersJson,
        is_sent: p.isSent,
        at_ms: p.nowMs,
      })
      .onConflict((conflict) => conflict.doNothing()),
)

export const findMail = statement((q, p: { messageId: string }) =>
  q
    .selectFrom('mail_message')
    .innerJoin('mail_thread', 'mail_thread.id', 'mail_message.thread_id')
    .selectAll('mail_message')
    .select('mail_thread.address')
    .where('mail_message.message_id', '=', p.messageId),
)

export const markMailSent = statement((q, p: { messageId: string }) =>
  q.updateTable('mail_message').set({ is_sent: 1 }).where('message_id', '=', p.messageId),
)

/** 0 rows when it was seen before. */
export const insertSeen = statement((q, p: { mark: string; nowMs: number }) =>
  q
    .insertInto('mail_seen')
    .values({ mark: p.mark, at_ms: p.nowMs })
    .onConflict((conflict) => conflict.doNothing()),
)

export const findSeen = statement((q, p: { mark: string }) =>
  q.selectFrom('mail_seen').select('mark').where('mark', '=', p.mark),
)

export const findCursor = statement((q, p: { mailbox: string }) =>
  q.selectFrom('mail_cursor').selectAll().where('mailbox', '=', p.mailbox),
)

/** Forward only, unless the mailbox was numbered anew. */
export const moveCursor = statement((q, p: { mailbox: string; uidValidity: string; uid: number; nowMs: number }) =>
  q
    .insertInto('mail_cursor')
    .values({ mailbox: p.mailbox, uid_validity: p.uidValidity, uid: p.uid, at_ms: p.nowMs })
    .onConflict((conflict) =>
      conflict
        .column('mailbox')
        .doUpdateSet({ uid_validity: p.uidValidity, uid: p.uid, at_ms: p.nowMs })
        .where((row) =>
          row.or([row('mail_cursor.uid_validity', '!=', p.uidValidity), row('mail_cursor.uid', '<', p.uid)]),
        ),
    ),
)

export const insertQuestion = statement(
  (q, p: { codeHash: string; accountId: string; address: string; mailJson: string; expiresAtMs: number }) =>
    q.insertInto('mail_question').values({
      code_hash: p.codeHash,
      account_id: p.accountId,
      address: p.address,
      mail_json: p.mailJson,
      expires_at_ms: p.expiresAtMs,
      used_at_ms: null,
    }),
)

export const findQuestion = statement((q, p: { codeHash: string }) =>
  q.selectFrom('mail_question').selectAll().where('code_hash', '=', p.codeHash),
)

/** 0 rows when it was answered, or is too old. */
export const useQuestion = statement((q, p: { codeHash: string; nowMs: number }) =>
  q
    .updateTable('mail_question')
    .set({ used_at_ms: p.nowMs, mail_json: '{}' })
    .where('code_hash', '=', p.codeHash)
    .where('used_at_ms', 'is', null)
    .where('expires_at_ms', '>', p.nowMs),
)

/** 0 rows when so many were written to that address in this hour already. */
export const countAnswer = statement((q, p: { address: string; hour: number; most: number }) =>
  q
    .insertInto('mail_answers')
    .values({ address: p.address, hour: p.hour, answers: 1 })
    .onConflict((conflict) =>
      conflict
        .columns(['address', 'hour'])
        .doUpdateSet({ answers: sql`mail_answers.answers + 1` })
        .where('mail_answers.answers', '<', p.most),
    ),
)

export const findBounce = statement((q, p: { address: string }) =>
  q.selectFrom('mail_bounce').selectAll().where('address', '=', p.address),
)

export const recordBounce = statement((q, p: { address: string; isHard: number; reason: string; nowMs: number }) =>
  q
    .insertInto('mail_bounce')
    .values({ address: p.address, is_hard: p.isHard, reason: p.reason, count: 1, at_ms: p.nowMs })
    .onConflict((conflict) =>
      conflict.column('address').doUpdateSet({
        is_hard: sql`case when mail_bounce.is_hard = 1 then 1 else excluded.is_hard end`,
        reason: p.reason,
        count: sql`mail_bounce.count + 1`,
        at_ms: p.nowMs,
      }),
    ),
)

/** Whoever writes from an address takes mail there again. */
export const forgetBounce = statement((q, p: { address: string }) =>
  q.deleteFrom('mail_bounce').where('address', '=', p.address),
)

export const sweepMail = {
  seen: statement((q, p: { beforeMs: number }) => q.deleteFrom('mail_seen').where('at_ms', '<', p.beforeMs)),
  answers: statement((q, p: { beforeHour: number }) => q.deleteFrom('mail_answers').where('hour', '<', p.beforeHour)),
  questions: statement((q, p: { beforeMs: number }) =>
    q.deleteFrom('mail_question').where('expires_at_ms', '<', p.beforeMs),
  ),
}

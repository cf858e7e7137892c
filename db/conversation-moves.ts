import { statement } from './statement.ts'

/** The conversation is known by another id from now on: what waits there goes on there. */
export const moveOutbox = statement((q, p: { channel: string; from: string; to: string }) =>
  q
    .updateTable('outbox')
    .set({ conversation: p.to })
    .where('channel', '=', p.channel)
    .where('conversation', '=', p.from)
    .where('status', '<>', 'undelivered'),
)

export const moveLinkedChat = statement((q, p: { channel: string; from: string; to: string }) =>
  q
    .updateTable('linked_chat')
    .set({ conversation: p.to })
    .where('channel', '=', p.channel)
    .where('conversation', '=', p.from),
)

export const moveRuns = statement((q, p: { channel: string; from: string; to: string }) =>
  q
    .updateTable('run')
    .set({ conversation: p.to })
    .where('channel', '=', p.channel)
    .where('conversation', '=', p.from)
    .where('finished_at_ms', 'is', null),
)

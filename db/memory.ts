import { sql } from 'kysely'
import type { MemoryTable } from './schema.ts'
import { statement } from './statement.ts'

export type MemoryRow = MemoryTable

export const insertMemory = statement((q, p: MemoryRow) =>
  q
    .insertInto('memory')
    .values({ id: p.id, owner: p.owner, text: p.text, saved_by: p.saved_by, at_ms: p.at_ms, outside: p.outside })
    .onConflict((conflict) => conflict.column('id').doNothing()),
)

/** Newest first. Of one owner: there is no statement that reads those of several. */
export const listMemories = statement((q, p: { owner: string; limit: number }) =>
  q
    .selectFrom('memory')
    .selectAll()
    .where('owner', '=', p.owner)
    .orderBy('at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(p.limit),
)

export const findMemoryText = statement((q, p: { owner: string; text: string }) =>
  q.selectFrom('memory').select('id').where('owner', '=', p.owner).where('text', '=', p.text).limit(1),
)

/** In a person's own words from here on. */
export const updateMemory = statement((q, p: { owner: string; id: string; text: string }) =>
  q.updateTable('memory').set({ text: p.text, outside: null }).where('owner', '=', p.owner).where('id', '=', p.id),
)

export const deleteMemory = statement((q, p: { owner: string; id: string }) =>
  q.deleteFrom('memory').where('owner', '=', p.owner).where('id', '=', p.id),
)

/** One at a time adds to those of an owner, so that the most there may be is not passed. */
export const holdMemories = statement((q, p: { owner: string }, dialect) =>
  dialect === 'postgres'
    ? q.selectNoFrom(sql`pg_advisory_xact_lock(hashtext(${p.owner}))`.as('locked'))
    : q.selectNoFrom(sql`1`.as('locked')),
)

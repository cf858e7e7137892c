import { sql } from 'kysely'
import { statement } from './statement.ts'

/** Of what is left so much is handed out at a time: the usual request needs no statement, and near the end each has its own. */
const SHARE = 100

/** Draws a share of a minute's allowance, `granted`; no row when everything is taken and the minute not over. */
export const drawAllowance = statement(
  (q, p: { whose: string; points: number; first: number; nowMs: number; endsAtMs: number }) => {
    const left = sql<number>`CAST(${p.points} AS BIGINT) - allowance.taken`
    const share = sql<number>`CASE WHEN ${left} >= ${SHARE} THEN (${left}) / ${SHARE} ELSE 1 END`
    const isOver = sql<boolean>`allowance.ends_at_ms <= CAST(${p.nowMs} AS BIGINT)`
    return q
      .insertInto('allowance')
      .values({ whose: p.whose, taken: p.first, granted: p.first, ends_at_ms: p.endsAtMs })
      .onConflict((conflict) =>
        conflict
          .column('whose')
          .doUpdateSet({
            taken: sql`CASE WHEN ${isOver} THEN excluded.taken ELSE allowance.taken + ${share} END`,
            granted: sql`CASE WHEN ${isOver} THEN excluded.granted ELSE ${share} END`,
            ends_at_ms: sql`CASE WHEN ${isOver} THEN excluded.ends_at_ms ELSE allowance.ends_at_ms END`,
          })
          .where(sql<boolean>`${isOver} OR ${left} > 0`),
      )
      .returning(['taken', 'granted', 'ends_at_ms'])
  },
)

export const findAllowance = statement((q, p: { whose: string }) =>
  q.selectFrom('allowance').select('ends_at_ms').where('whose', '=', p.whose),
)

/** Those whose minute is over. */
export const deleteOldAllowances = statement((q, p: { beforeMs: number; most: number }) =>
  q
    .deleteFrom('allowance')
    .where('whose', 'in', (of) =>
      of.selectFrom('allowance').select('whose').where('ends_at_ms', '<', p.beforeMs).limit(p.most),
    ),
)

/** What the first of a minute draws. */
export const firstShare = (points: number): number => Math.max(1, Math.floor(points / SHARE))

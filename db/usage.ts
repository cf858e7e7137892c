import { sql } from 'kysely'
import { blind, statement } from './statement.ts'

/**
 * Counts money and runs against a limit of a month, and gives what is used then; writes and gives nothing when one would
 * be passed. What adds nothing to a
 * limit is never refused by it, even when the limit was lowered below what is used already.
 */
export const countUsage = statement(
  (
    q,
    p: {
      scope: string
      period: string
      amountMicros: bigint
      runs: number
      limitMicros: bigint | null
      maxRuns: number | null
    },
  ) =>
    q
      .insertInto('usage_counter')
      .columns(['scope', 'period', 'used_micros', 'runs'])
      .expression(() => {
        const amount = sql`cast(${p.amountMicros} as bigint)`
        const runs = sql`cast(${p.runs} as bigint)`
        const limit = sql`cast(${p.limitMicros} as bigint)`
        const maxRuns = sql`cast(${p.maxRuns} as bigint)`
        return sql`select cast(${p.scope} as text), cast(${p.period} as text), ${amount}, ${runs}
          where (${limit} is null or ${amount} = 0 or ${amount} <= ${limit})
            and (${maxRuns} is null or ${runs} = 0 or ${runs} <= ${maxRuns})`
      })
      .onConflict((conflict) =>
        conflict
          .columns(['scope', 'period'])
          .doUpdateSet({
            used_micros: sql`usage_counter.used_micros + excluded.used_micros`,
            runs: sql`usage_counter.runs + excluded.runs`,
          })
          .where(
            sql<boolean>`(cast(${p.limitMicros} as bigint) is null or excluded.used_micros = 0
                or usage_counter.used_micros + excluded.used_micros <= ${p.limitMicros})
              and (cast(${p.maxRuns} as bigint) is null or excluded.runs = 0
                or usage_counter.runs + excluded.runs <= ${p.maxRuns})`,
          ),
      )
      .returning(['used_micros', 'runs']),
)

/** The same where nothing limits it: nobody needs to know what is used then. */
export const addUsage = blind((q, p: { scope: string; period: string; amountMicros: bigint; runs: number }) =>
  q
    .insertInto('usage_counter')
    .values({ scope: p.scope, period: p.period, used_micros: p.amountMicros, runs: p.runs })
    .onConflict((conflict) =>
      conflict.columns(['scope', 'period']).doUpdateSet({
        used_micros: sql`usage_counter.used_micros + excluded.used_micros`,
        runs: sql`usage_counter.runs + excluded.runs`,
      }),
    ),
)

export const giveBackUsage = blind((q, p: { scope: string; period: string; amountMicros: bigint; runs: number }) =>
  q
    .updateTable('usage_counter')
    .set({
      used_micros: sql`used_micros - ${p.amountMicros}`,
      runs: sql<number>`runs - cast(${p.runs} as bigint)`,
    })
    .where('scope', '=', p.scope)
    .where('period', '=', p.period),
)

export const findUsage = statement((q, p: { scope: string; period: string }) =>
  q
    .selectFrom('usage_counter')
    .select(['used_micros', 'runs'])
    .where('scope', '=', p.scope)
    .where('period', '=', p.period),
)

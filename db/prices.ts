import { statement } from './statement.ts'

/** What a tool costs at a moment. */
export const findPrice = statement((q, p: { toolId: string; nowMs: number }) =>
  q
    .selectFrom('price')
    .select(['unit', 'rate_micros', 'max_micros'])
    .where('tool_id', '=', p.toolId)
    .where('effective_at_ms', '<=', p.nowMs)
    .orderBy('effective_at_ms', 'desc')
    .limit(1),
)

export const insertPrice = statement(
  (q, p: { toolId: string; effectiveAtMs: number; unit: string; rateMicros: bigint; maxMicros: bigint }) =>
    q
      .insertInto('price')
      .values({
        tool_id: p.toolId,
        effective_at_ms: p.effectiveAtMs,
        unit: p.unit,
        rate_micros: p.rateMicros,
        max_micros: p.maxMicros,
      })
      .onConflict((conflict) => conflict.doNothing()),
)

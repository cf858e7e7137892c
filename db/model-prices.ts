import { statement } from './statement.ts'

/** From a time on; the same time again keeps what stands there. */
export const insertModelPrice = statement(
  (
    q,
    p: {
      provider: string
      connection: string
      model: string
      effectiveAtMs: number
      inputMicros: bigint
      outputMicros: bigint
      cachedInputMicros: bigint
      contextTokens: number | null
      outputTokensMax: number | null
      setBy: string | null
    },
  ) =>
    q
      .insertInto('model_price')
      .values({
        provider: p.provider,
        connection: p.connection,
        model: p.model,
        effective_at_ms: p.effectiveAtMs,
        input_micros: p.inputMicros,
        output_micros: p.outputMicros,
        cached_input_micros: p.cachedInputMicros,
        context_tokens: p.contextTokens,
        output_tokens_max: p.outputTokensMax,
        set_by: p.setBy,
      })
      .onConflict((conflict) => conflict.doNothing()),
)

/** Every price there was and will be, those of one model together, the newest first. */
export const listAllModelPrices = statement((q, _p: object) =>
  q
    .selectFrom('model_price')
    .selectAll()
    .orderBy('provider')
    .orderBy('model')
    .orderBy('connection')
    .orderBy('effective_at_ms', 'desc'),
)

/** The same of tools. */
export const listAllToolPrices = statement((q, _p: object) =>
  q.selectFrom('price').selectAll().orderBy('tool_id').orderBy('effective_at_ms', 'desc'),
)

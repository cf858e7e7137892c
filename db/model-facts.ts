import { statement } from './statement.ts'

/** Every price of a model that holds by now, oldest first: of the same the last one is in force. */
export const listModelPrices = statement((q, p: { nowMs: number }) =>
  q
    .selectFrom('model_price')
    .selectAll()
    .where('effective_at_ms', '<=', p.nowMs)
    .orderBy('provider')
    .orderBy('connection')
    .orderBy('model')
    .orderBy('effective_at_ms'),
)

/** Connections to models that are left alone at this moment. */
export const listRestingCircuits = statement((q, p: { nowMs: number }) =>
  q.selectFrom('model_circuit').select('id').where('breaker', '=', 'open').where('open_until_ms', '>', p.nowMs),
)

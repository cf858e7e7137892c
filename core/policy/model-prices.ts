import type { Reader } from '#db/db.ts'
import { listModelPrices } from '#db/model-facts.ts'
import { MODEL_PROVIDERS } from '../models/model.ts'
import type { ModelPrice } from './model-name.ts'

/** What each model costs at a moment; those of single connections before those of all. */
export async function modelPrices(on: Reader, nowMs: number): Promise<ModelPrice[]> {
  const inForce = new Map<string, ModelPrice>()
  for (const row of await listModelPrices.all(on, { nowMs })) {
    const provider = MODEL_PROVIDERS.find((known) => known === row.provider)
    if (!provider) continue
    const { input_micros, output_micros, cached_input_micros, output_tokens_max, connection, model } = row
    // Oldest first: what came later stands in its place.
    inForce.set(`${provider}/${connection}/${model}`, {
      provider,
      model,
      rates: { inputMicros: input_micros, outputMicros: output_micros, cachedInputMicros: cached_input_micros },
      maxOutputTokens: output_tokens_max,
      ...(connection === '' ? {} : { connection }),
    })
  }
  const prices = [...inForce.values()]
  return [...prices.filter(({ connection }) => connection !== undefined), ...prices.filter((one) => !one.connection)]
}

import { ceilDiv } from '../money.ts'
import type { ModelRates, ModelUsage } from './model.ts'

/** Rates are for so many tokens. */
const TOKENS_PER_RATE = 1_000_000n

/** What was used, in micro-dollars, rounded up. */
export function costOfUsage(
  { inputMicros, outputMicros, cachedInputMicros }: ModelRates,
  {
    inputTokens,
    outputTokens,
    cachedInputTokens,
  }: Pick<ModelUsage, 'inputTokens' | 'outputTokens' | 'cachedInputTokens'>,
): bigint {
  const cached = Math.min(cachedInputTokens, inputTokens)
  const sum =
    BigInt(inputTokens - cached) * inputMicros +
    BigInt(cached) * cachedInputMicros +
    BigInt(outputTokens) * outputMicros
  return ceilDiv(sum, TOKENS_PER_RATE)
}

/** What so many tokens in and at most so many out cost. */
export const costOfTokens = (rates: ModelRates, inputTokens: number, outputTokens: number): bigint =>
  costOfUsage(rates, { inputTokens, outputTokens, cachedInputTokens: 0 })

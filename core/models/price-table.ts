import type { ModelProvider } from './model.ts'

/** What a million tokens cost, in dollars, and how much a model takes and gives. */
export interface ListedPrice {
  provider: ModelProvider
  model: string
  inputUsd: string
  outputUsd: string
  cachedInputUsd: string
  contextTokens: number
  outputTokensMax: number
}

/**
 * List prices of the providers as far as we knew them on 2025-11-01, for what is not asked in bulk and not above the size from
 * which some charge more. Prices change: whoever operates an instance checks them, and sets others with `PUT /v1/prices`.
 */
const row = (
  provider: ModelProvider,
  model: string,
  [inputUsd, cachedInputUsd, outputUsd]: [string, string, string],
  [contextTokens, outputTokensMax]: [number, number],
): ListedPrice => ({ provider, model, inputUsd, outputUsd, cachedInputUsd, contextTokens, outputTokensMax })

export const LISTED_PRICES: readonly ListedPrice[] = [
  row('openai', 'gpt-5', ['1.25', '0.125', '10'], [400_000, 128_000]),
  row('openai', 'gpt-5-mini', ['0.25', '0.025', '2'], [400_000, 128_000]),
  row('openai', 'gpt-5-nano', ['0.05', '0.005', '0.4'], [400_000, 128_000]),
  row('openai', 'gpt-4.1', ['2', '0.5', '8'], [1_047_576, 32_768]),
  row('openai', 'gpt-4.1-mini', ['0.4', '0.1', '1.6'], [1_047_576, 32_768]),
  row('openai', 'gpt-4.1-nano', ['0.1', '0.025', '0.4'], [1_047_576, 32_768]),
  row('openai', 'gpt-4o', ['2.5', '1.25', '10'], [128_000, 16_384]),
  row('openai', 'gpt-4o-mini', ['0.15', '0.075', '0.6'], [128_000, 16_384]),
  row('openai', 'o3', ['2', '0.5', '8'], [200_000, 100_000]),
  row('openai', 'o4-mini', ['1.1', '0.275', '4.4'], [200_000, 100_000]),
  row('anthropic', 'claude-opus-4-1', ['15', '1.5', '75'], [200_000, 32_000]),
  row('anthropic', 'claude-sonnet-4-5', ['3', '0.3', '15'], [200_000, 64_000]),
  row('anthropic', 'claude-sonnet-4-0', ['3', '0.3', '15'], [200_000, 64_000]),
  row('anthropic', 'claude-haiku-4-5', ['1', '0.1', '5'], [200_000, 64_000]),
  row('anthropic', 'claude-3-5-haiku-latest', ['0.8', '0.08', '4'], [200_000, 8_192]),
  row('google', 'gemini-2.5-pro', ['1.25', '0.31', '10'], [1_048_576, 65_536]),
  row('google', 'gemini-2.5-flash', ['0.3', '0.075', '2.5'], [1_048_576, 65_536]),
  row('google', 'gemini-2.5-flash-lite', ['0.1', '0.025', '0.4'], [1_048_576, 65_536]),
  row('google', 'gemini-2.0-flash', ['0.1', '0.025', '0.4'], [1_048_576, 8_192]),
  // Small, and not nothing: what is tried with the mock behaves like what costs money.
  row('mock', 'mock-1', ['0.1', '0.01', '0.4'], [1_000_000, 8_192]),
]

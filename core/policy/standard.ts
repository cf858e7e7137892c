import type { ModelPrice } from './model-name.ts'

/** Asked where nobody names a model: middling ones, which most accounts have. */
const STANDARD: Record<string, string> = {
  anthropic: 'claude-sonnet-4-5',
  openai: 'gpt-5-mini',
  google: 'gemini-2.5-flash',
}

/** What may be meant by a provider alone, the usual one first. */
export function standardModels(provider: string, prices: readonly ModelPrice[]): ModelPrice[] {
  const own = prices.filter((price) => price.provider === provider && price.model !== '*')
  const usual = own.filter(({ model }) => model === STANDARD[provider])
  return [...usual, ...own.filter((price) => !usual.includes(price))]
}

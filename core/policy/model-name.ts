import { MODEL_PROVIDERS, type ModelProvider, type ModelRates } from '../models/model.ts'

/** One model of one provider. */
export interface ModelName {
  provider: ModelProvider
  model: string
}

/** What is known of a model that may be asked: without a price it may not. */
export interface ModelPrice extends ModelName {
  // `*` as the model is whatever stands behind a connection.
  rates: ModelRates
  /** Through this connection alone; left out for every one to the provider. */
  connection?: string
  /** Longer answers it does not give; null where nobody said. */
  maxOutputTokens: number | null
}

export const nameOf = ({ provider, model }: ModelName): string => `${provider}/${model}`

export const isSame = (a: ModelName, b: ModelName): boolean => a.provider === b.provider && a.model === b.model

/** `openai/gpt-5` in its parts; without a provider in front, models of proxies have slashes of their own. */
export function splitName(text: string): { provider?: ModelProvider; model: string } {
  const slash = text.indexOf('/')
  const provider = MODEL_PROVIDERS.find((known) => known === text.slice(0, slash))
  return slash > 0 && provider ? { provider, model: text.slice(slash + 1) } : { model: text }
}

/** Whether one of a list of `provider/*`, `provider/model`, `model` and `*` stands for it. */
export const isListed = (list: readonly string[], one: ModelName): boolean =>
  list.some((pattern) => {
    const { provider, model } = splitName(pattern)
    if (provider !== undefined && provider !== one.provider) return false
    return model === '*' || model === one.model
  })

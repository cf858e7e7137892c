import type { ModelChoice, ModelRates } from './model.ts'

/** Which model a step asks, as it was chosen when its run was submitted. */
export interface ModelPin {
  choice: ModelChoice
  /** What the step had asked for itself, as far as that was known. */
  asked: string | null
  /** Why this one, in a sentence. */
  explain: string
  /** The agent that asks it. */
  agentId?: string | null
  /** How the budgets stood that it was chosen by. */
  standing?: 'fine' | 'low'
  /** What the quote counted for the step, once. */
  estimateMicros: bigint
  maxMicros: bigint
}

/** By the name of the job and the step, so that nested jobs have theirs too. */
export const modelKey = (jobId: string, stepId: string): string => `${jobId}/${stepId}`

export type ModelPins = Record<string, ModelPin>

type StoredPin = Omit<ModelPin, 'choice' | 'estimateMicros' | 'maxMicros'> & {
  choice: Omit<ModelChoice, 'rates'> & { rates: Record<keyof ModelRates, string> }
  estimateMicros: string
  maxMicros: string
}

export type StoredModelPins = Record<string, StoredPin>

export function encodeModelPins(pins: ModelPins): StoredModelPins {
  const entries = Object.entries(pins).map(([key, pin]): [string, StoredPin] => {
    const { inputMicros, outputMicros, cachedInputMicros } = pin.choice.rates
    const rates = {
      inputMicros: `${inputMicros}`,
      outputMicros: `${outputMicros}`,
      cachedInputMicros: `${cachedInputMicros}`,
    }
    const { estimateMicros, maxMicros } = pin
    const choice = { ...pin.choice, rates }
    return [key, { ...pin, choice, estimateMicros: `${estimateMicros}`, maxMicros: `${maxMicros}` }]
  })
  return Object.fromEntries(entries)
}

export function decodeModelPins(stored: StoredModelPins): ModelPins {
  const entries = Object.entries(stored).map(([key, pin]): [string, ModelPin] => {
    const { inputMicros, outputMicros, cachedInputMicros } = pin.choice.rates
    const rates: ModelRates = {
      inputMicros: BigInt(inputMicros),
      outputMicros: BigInt(outputMicros),
      cachedInputMicros: BigInt(cachedInputMicros),
    }
    const { estimateMicros, maxMicros } = pin
    const choice = { ...pin.choice, rates }
    return [key, { ...pin, choice, estimateMicros: BigInt(estimateMicros), maxMicros: BigInt(maxMicros) }]
  })
  return Object.fromEntries(entries)
}

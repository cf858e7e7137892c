import { channel } from 'node:diagnostics_channel'
import type { Log } from '../core.ts'

/** One call of a tool, when it has ended. */
export interface StepTold {
  runId: string
  stepId: string
  toolId: string
  attempt: number
  startedAtMs: number
  endedAtMs: number
  outcome: 'succeeded' | 'failed' | 'waiting'
  /** Of a call that failed. */
  errorCode?: string
}

/** A run that has ended, once its end is committed. */
export interface RunTold {
  runId: string
  jobKey: string
  status: string
  createdAtMs: number
  finishedAtMs: number
}

/** One call of a model, when it has ended. */
export interface ModelTold {
  provider: string
  model: string
  /** `ended`, or why there is no answer. */
  outcome: string
  inputTokens: number
  /** Part of those. */
  cachedInputTokens: number
  outputTokens: number
  costMicros: bigint
  startedAtMs: number
  endedAtMs: number
}

/**
 * For those who count and time what is done: metrics and traces. Whoever does it tells, and knows nobody of those who listen;
 * while nobody does, it costs a look.
 */
const steps = channel('muster.step')
const runs = channel('muster.run')
const models = channel('muster.model')

export const isStepHeard = (): boolean => steps.hasSubscribers
export const tellStep = (told: StepTold): void => steps.publish(told)
export const isRunHeard = (): boolean => runs.hasSubscribers
export const tellRun = (told: RunTold): void => runs.publish(told)
export const tellModel = (told: ModelTold): void => models.publish(told)

export interface RunListener {
  step?(told: StepTold): void
  run?(told: RunTold): void
  model?(told: ModelTold): void
}

/** Listens until the returned function is called. A listener that throws is logged, and harms nobody. */
export function listenToRuns(log: Log, { step, run, model }: RunListener): () => void {
  const safely =
    <T>(listen: (told: T) => void) =>
    (told: unknown): void => {
      try {
        listen(told as T)
      } catch (err) {
        log.warn({ err }, 'Somebody who counts or traces runs has failed')
      }
    }
  const listening = [
    { to: steps, hears: step && safely(step) },
    { to: runs, hears: run && safely(run) },
    { to: models, hears: model && safely(model) },
  ]
  for (const { to, hears } of listening) if (hears) to.subscribe(hears)
  return () => {
    for (const { to, hears } of listening) if (hears) to.unsubscribe(hears)
  }
}

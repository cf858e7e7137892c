import type { StepDefinition } from '#core/jobs/definition.ts'
import { DEFAULT_RETRY, type RetryPolicy } from '#core/tools/tool.ts'

/**
 * How long to wait before the next try, in whole ms: anything from 0 up to min(capMs, backoffMs × 2ⁿ⁻¹) after attempt n
 * (from 1). The whole range and not a part of it, so that a thousand steps that failed together do not return together.
 * `random` gives numbers in [0, 1).
 */
export function backoffDelayMs(policy: RetryPolicy, attempt: number, random: () => number): number {
  const mostMs = Math.min(policy.capMs, policy.backoffMs * 2 ** (attempt - 1))
  return Math.floor(random() * (mostMs + 1))
}

/** The retry rule of one step: what the definition says, the tool's own for the rest. A nested job has none unless told. */
export function retryPolicyOf(step: StepDefinition, retryOf: (toolId: string) => RetryPolicy): RetryPolicy {
  const own = 'toolId' in step ? retryOf(step.toolId) : { ...DEFAULT_RETRY, maxAttempts: 1 }
  return {
    maxAttempts: step.retry?.maxAttempts ?? own.maxAttempts,
    backoffMs: step.retry?.backoffMs ?? own.backoffMs,
    capMs: own.capMs,
  }
}

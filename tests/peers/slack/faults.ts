import type { Fault, FaultPlan } from './types.ts'

/** Failures that a test has asked for, spent one call at a time in the order in which they were asked for. */
export class Faults {
  #plans: (FaultPlan & { left: number })[] = []

  add(plan: FaultPlan): void {
    this.#plans.push({ ...plan, left: plan.count ?? 1 })
  }

  clear(): void {
    this.#plans = []
  }

  next(method: string, channel?: unknown): Fault | undefined {
    const plan = this.#plans.find(
      (one) =>
        one.left > 0 &&
        (one.method === '*' || one.method === method) &&
        (one.channel === undefined || one.channel === channel),
    )
    if (!plan) return undefined
    plan.left--
    return plan.fault
  }
}

import type { Fault, FaultPlan } from './types.ts'

/** Failures that a test has asked for, spent one call at a time in the order in which they were asked for. */
export class Faults {
  #plans: { method: string; fault: Fault; left: number }[] = []

  add({ method, fault, count = 1 }: FaultPlan): void {
    this.#plans.push({ method, fault, left: count })
  }

  clear(): void {
    this.#plans = []
  }

  next(method: string): Fault | undefined {
    const plan = this.#plans.find((one) => one.left > 0 && (one.method === '*' || one.method === method))
    if (!plan) return undefined
    plan.left--
    return plan.fault
  }
}

import { ApiFail } from '../errors.ts'
import type { FaultError, FaultPlan } from '../types.ts'

interface Pending {
  readonly plan: FaultPlan
  left: number
}

export interface FaultHandle {
  readonly left: number
  cancel(): void
}

/** Failures tests have asked for, spent one call at a time in the order they were asked. */
export class Faults {
  #pending: Pending[] = []

  add(plan: FaultPlan): FaultHandle {
    const pending: Pending = { plan, left: plan.count ?? 1 }
    this.#pending.push(pending)
    return {
      get left() {
        return pending.left
      },
      cancel: () => {
        pending.left = 0
      },
    }
  }

  clear(): void {
    this.#pending = []
  }

  next(method: string, chatId: string): FaultPlan['error'] | undefined {
    const found = this.#pending.find(({ plan, left }) => left > 0 && matches(plan, method, chatId))
    if (!found) return undefined
    found.left -= 1
    return found.plan.error
  }
}

function matches(plan: FaultPlan, method: string, chatId: string): boolean {
  const named = plan.method === '*' ? method !== 'getUpdates' : plan.method.toLowerCase() === method.toLowerCase()
  return named && (plan.chatId === undefined || String(plan.chatId) === chatId)
}

export function faultFail({ code, description, retryAfter, migrateToChatId }: FaultError): ApiFail {
  const parameters = {
    ...(retryAfter === undefined ? {} : { retry_after: retryAfter }),
    ...(migrateToChatId === undefined ? {} : { migrate_to_chat_id: migrateToChatId }),
  }
  return new ApiFail(code, description, Object.keys(parameters).length > 0 ? parameters : undefined)
}

import { addToDelivery, closeDelivery, listOpenDeliveries } from '#db/trigger-deliveries.ts'
import { commitTriggerBudget, correctTriggerBudget, findTriggerBudget } from '#db/triggers.ts'
import type { BudgetBook, BudgetEntry } from '../economy/run-budget.ts'
import type { DeliveryKey } from '../runs/pins.ts'

/** The budget of a trigger, in which each delivery counts by what its run holds, and then by what it cost. */
export const triggerBook = (id: string): BudgetBook => ({
  limit: 'trigger_budget',
  whose: 'this trigger',
  find: (tx) => findTriggerBudget.first(tx, { id }),
  commit: (tx, amountMicros) => commitTriggerBudget.run(tx, { id, amountMicros }),
  correct: (tx, differenceMicros) => correctTriggerBudget.run(tx, { id, differenceMicros }),
  listOpen: async (tx) =>
    (await listOpenDeliveries.all(tx, { triggerId: id })).map((delivery) => {
      const { id: deliveryId, counted_micros: countedMicros, run_cost_micros: costMicros } = delivery
      return {
        countedMicros,
        costMicros,
        hasEnded: delivery.finished_at_ms !== null,
        close: (tx) => closeDelivery.run(tx, { id: deliveryId, countedMicros, costMicros }),
      }
    }),
})

export const deliveryEntry = ({ triggerId, deliveryId }: DeliveryKey): BudgetEntry => ({
  book: triggerBook(triggerId),
  add: (tx, amountMicros) => addToDelivery.run(tx, { id: deliveryId, amountMicros }),
})

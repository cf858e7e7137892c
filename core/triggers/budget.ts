import { triggerBudget } from '#db/run-budgets.ts'
import { addToDelivery, closeDelivery, listOpenDeliveries } from '#db/trigger-deliveries.ts'
import type { BudgetBook, BudgetEntry } from '../economy/run-budget.ts'
import type { DeliveryKey } from '../runs/pins.ts'

/** The budget of a trigger, in which each delivery counts by what its run holds, and then by what it cost. */
export const triggerBook = (id: string): BudgetBook => ({
  limit: 'trigger_budget',
  whose: 'this trigger',
  find: (tx) => triggerBudget.find.first(tx, { id }),
  commit: (tx, amountMicros) => triggerBudget.commit.run(tx, { id, amountMicros }),
  correct: (tx, differenceMicros) => triggerBudget.correct.run(tx, { id, differenceMicros }),
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

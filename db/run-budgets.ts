import { statement } from './statement.ts'

/** What starts runs within a budget of its own. */
type Starter = 'schedule' | 'webhook_trigger'

function budgetOf(starter: Starter) {
  // Both tables have these columns, of the same types; the builder can be told of one at a time.
  const table = starter as 'schedule'
  return {
    /** Sets money aside in the budget; nothing is written where there is no room. */
    commit: statement((q, p: { id: string; amountMicros: bigint }) =>
      q
        .updateTable(table)
        .set((row) => ({ committed_micros: row('committed_micros', '+', p.amountMicros) }))
        .where('id', '=', p.id)
        .where((row) =>
          row.or([
            row('budget_micros', 'is', null),
            row(row('committed_micros', '+', p.amountMicros), '<=', row.ref('budget_micros')),
          ]),
        ),
    ),
    /** Of a removed one too: its runs may go on. */
    find: statement((q, p: { id: string }) =>
      q.selectFrom(table).select(['budget_micros', 'committed_micros']).where('id', '=', p.id),
    ),
    /** Corrects what was set aside by what it came to. */
    correct: statement((q, p: { id: string; differenceMicros: bigint }) =>
      q
        .updateTable(table)
        .set((row) => ({ committed_micros: row('committed_micros', '+', p.differenceMicros) }))
        .where('id', '=', p.id),
    ),
  }
}

export const scheduleBudget = budgetOf('schedule')
export const triggerBudget = budgetOf('webhook_trigger')

import { statement } from './statement.ts'

/** Any small read that needs the schema. */
export const countRows = statement((q, _: Record<never, never>) =>
  q
    .selectFrom('ledger_account')
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('kind', '=', 'platform'),
)

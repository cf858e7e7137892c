import { statement } from './statement.ts'

/** By its id or its name. Agents of other contexts do not exist. */
export const findAgent = statement((q, p: { context: string; id: string }) =>
  q
    .selectFrom('agent')
    .selectAll()
    .where('context', '=', p.context)
    .where((row) => row.or([row('id', '=', p.id), row('name', '=', p.id)]))
    .limit(1),
)

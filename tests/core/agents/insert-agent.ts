import type { AgentTable } from '#db/schema.ts'
import { statement } from '#db/statement.ts'

/** An agent as it stands in the database, or as it shall from now on. */
export const insertAgentForTest = statement((q, p: AgentTable) =>
  q
    .insertInto('agent')
    .values({
      id: p.id,
      context: p.context,
      name: p.name,
      role: p.role,
      status: p.status,
      profile_json: p.profile_json,
      version: p.version,
      hired_by: p.hired_by,
      hired_at_ms: p.hired_at_ms,
      seen_at_ms: p.seen_at_ms,
    })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((row) => ({
        status: row.ref('excluded.status'),
        profile_json: row.ref('excluded.profile_json'),
        version: row.ref('excluded.version'),
      })),
    ),
)

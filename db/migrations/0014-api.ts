import type { Migration } from './migration.ts'

// Frozen: a later change of the schema is a new migration.

// Nothing in it is worth a write to the log: after a crash everybody may begin a new minute.
const tables = (unlogged: string) => `
CREATE ${unlogged}TABLE allowance (
  whose TEXT NOT NULL PRIMARY KEY,
  taken {int} NOT NULL,
  granted {int} NOT NULL,
  ends_at_ms {int} NOT NULL
){keyed};
CREATE INDEX allowance_age ON allowance (ends_at_ms);
`

export const api: Migration = {
  name: '0014-api',
  up: (dialect) => tables(dialect === 'postgres' ? 'UNLOGGED ' : '').split(/;\n/),
  down: () => ['DROP TABLE allowance'],
}

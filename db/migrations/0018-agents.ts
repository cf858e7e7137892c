import type { Migration } from './migration.ts'

/** Agents that were hired. What they may do is one document, read and written whole. */
export const agents: Migration = {
  name: '0018-agents',
  up: () => [
    `CREATE TABLE agent (
  id TEXT PRIMARY KEY,
  context TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'paused', 'retired')),
  profile_json TEXT NOT NULL,
  version {int} NOT NULL,
  hired_by TEXT NOT NULL REFERENCES account (id),
  hired_at_ms {int} NOT NULL,
  seen_at_ms {int},
  UNIQUE (context, name)
){keyed}`,
  ],
  down: () => ['DROP TABLE agent'],
}

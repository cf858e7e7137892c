import type { Migration } from './migration.ts'

/** Credentials under a name, encrypted; and room for the encrypted part of what had its own in clear. */
export const connections: Migration = {
  name: '0013-connections',
  up: () => [
    `CREATE TABLE connection (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  name TEXT NOT NULL,
  provider TEXT NOT NULL,
  settings_json TEXT NOT NULL,
  sealed TEXT NOT NULL,
  version {int} NOT NULL CHECK (version > 0),
  hint TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at_ms {int} NOT NULL,
  rotated_at_ms {int},
  tested_at_ms {int},
  test_json TEXT
){table}`,
    'CREATE UNIQUE INDEX connection_name ON connection (context, name)',
    ...['endpoint', 'provider', 'callback'].map((table) => `ALTER TABLE ${table} ADD COLUMN sealed TEXT`),
  ],
  down: () => [
    ...['callback', 'provider', 'endpoint'].map((table) => `ALTER TABLE ${table} DROP COLUMN sealed`),
    'DROP TABLE connection',
  ],
}

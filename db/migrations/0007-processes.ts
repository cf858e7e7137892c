import type { Migration } from './migration.ts'

/** Leases on whatever only one process may do, turns between contexts, and a team's limit of runs at once. */
export const processes: Migration = {
  name: '0007-processes',
  up: () => [
    `CREATE TABLE lease (
  resource TEXT NOT NULL PRIMARY KEY,
  holder TEXT NOT NULL,
  purpose TEXT NOT NULL,
  epoch {int} NOT NULL,
  ttl_ms {int} NOT NULL,
  acquired_at_ms {int} NOT NULL,
  heartbeat_at_ms {int} NOT NULL,
  released_at_ms {int}
){keyed}`,
    `CREATE INDEX work_item_turns ON work_item (fair_group, run_at_ms) WHERE kind = 'run' AND token IS NULL`,
    'ALTER TABLE team ADD COLUMN max_runs_at_once {int}',
  ],
  down: () => ['ALTER TABLE team DROP COLUMN max_runs_at_once', 'DROP INDEX work_item_turns', 'DROP TABLE lease'],
}

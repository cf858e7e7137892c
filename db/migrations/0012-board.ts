import type { Migration } from './migration.ts'

// Frozen: a later change of the schema is a new migration.

const tables = `
CREATE TABLE task (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN (
    'queued', 'claimed', 'in_progress', 'review', 'changes_requested', 'approved', 'merging', 'done', 'blocked', 'failed',
    'abandoned'
  )),
  priority {int} NOT NULL CHECK (priority BETWEEN 0 AND 100),
  labels_json TEXT NOT NULL,
  criteria_json TEXT NOT NULL,
  definition_json TEXT NOT NULL,
  needs_json TEXT NOT NULL,
  dependencies_json TEXT NOT NULL,
  blockers_json TEXT NOT NULL,
  blocker_words {int} NOT NULL CHECK (blocker_words >= 0),
  assignee TEXT,
  doers_json TEXT NOT NULL,
  executor_tool TEXT,
  executor_inputs_json TEXT,
  result_json TEXT,
  external_ids_json TEXT NOT NULL,
  attempts {int} NOT NULL CHECK (attempts >= 0),
  created_by TEXT NOT NULL REFERENCES account (id),
  created_at_ms {int} NOT NULL,
  updated_at_ms {int} NOT NULL,
  status_at_ms {int} NOT NULL,
  nudged_at_ms {int},
  version {int} NOT NULL CHECK (version >= 1),
  CHECK ((executor_tool IS NULL) = (executor_inputs_json IS NULL))
){table};
CREATE INDEX task_of_context ON task (context, id);
CREATE INDEX task_live ON task (context, status, priority) WHERE status NOT IN ('done', 'abandoned');
CREATE INDEX task_in_hand ON task (status_at_ms) WHERE status IN ('claimed', 'in_progress', 'changes_requested');

CREATE TABLE task_link (
  task_id TEXT NOT NULL REFERENCES task (id),
  on_id TEXT NOT NULL REFERENCES task (id),
  PRIMARY KEY (task_id, on_id),
  CHECK (task_id <> on_id)
){keyed};
CREATE INDEX task_link_on ON task_link (on_id);

CREATE TABLE board_lease (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  resource TEXT NOT NULL,
  purpose TEXT NOT NULL,
  holder TEXT NOT NULL REFERENCES account (id),
  epoch {int} NOT NULL CHECK (epoch >= 1),
  ttl_ms {int} NOT NULL CHECK (ttl_ms > 0),
  acquired_at_ms {int} NOT NULL,
  heartbeat_at_ms {int} NOT NULL,
  released_at_ms {int},
  UNIQUE (context, resource)
){table};
CREATE INDEX board_lease_held ON board_lease (context, id) WHERE released_at_ms IS NULL;
`

export const board: Migration = {
  name: '0012-board',
  up: () => tables.split(/;\n/),
  down: () => ['DROP TABLE board_lease', 'DROP TABLE task_link', 'DROP TABLE task'],
}

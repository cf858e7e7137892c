import type { Migration } from './migration.ts'

// Frozen: a later change of the schema is a new migration.

const tables = `
CREATE TABLE schedule (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  job_key TEXT NOT NULL,
  inputs_json TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('cron', 'interval', 'once')),
  cron TEXT,
  every_ms {int} CHECK (every_ms > 0),
  at_ms {int},
  time_zone TEXT NOT NULL,
  missed_policy TEXT NOT NULL CHECK (missed_policy IN ('skip', 'once', 'all')),
  missed_max {int} NOT NULL CHECK (missed_max > 0),
  budget_micros {int} CHECK (budget_micros >= 0),
  committed_micros {int} NOT NULL CHECK (committed_micros >= 0),
  expires_at_ms {int},
  max_runs {int},
  runs {int} NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'paused', 'ended', 'removed')),
  status_reason TEXT,
  paused_until_ms {int},
  catch_up_until_ms {int} NOT NULL,
  next_at_ms {int},
  refused_code TEXT,
  noticed_at_ms {int} NOT NULL,
  channel TEXT NOT NULL,
  conversation TEXT,
  created_at_ms {int} NOT NULL,
  updated_at_ms {int} NOT NULL,
  CHECK (runs >= 0 AND (max_runs IS NULL OR runs <= max_runs)),
  CHECK ((status = 'active') = (next_at_ms IS NOT NULL))
){table};
CREATE INDEX schedule_due ON schedule (next_at_ms) WHERE next_at_ms IS NOT NULL;
CREATE INDEX schedule_of_context ON schedule (context, id) WHERE status <> 'removed';

CREATE TABLE schedule_fire (
  schedule_id TEXT NOT NULL REFERENCES schedule (id),
  due_at_ms {int} NOT NULL,
  by_hand {int} NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('started', 'skipped', 'missed')),
  run_id TEXT,
  reason_code TEXT,
  reason TEXT,
  until_ms {int},
  at_ms {int} NOT NULL,
  held_micros {int} NOT NULL,
  is_open {int} NOT NULL,
  PRIMARY KEY (schedule_id, due_at_ms, by_hand),
  CHECK ((status = 'started') = (run_id IS NOT NULL))
){keyed};
CREATE INDEX schedule_fire_open ON schedule_fire (schedule_id) WHERE is_open = 1;
`

export const schedules: Migration = {
  name: '0006-schedules',
  up: () => tables.split(/;\n/),
  down: () => ['DROP TABLE schedule_fire', 'DROP TABLE schedule'],
}

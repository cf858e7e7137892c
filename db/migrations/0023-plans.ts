import type { Dialect } from '../db.ts'
import type { Migration } from './migration.ts'

// Frozen: a later change of the schema is a new migration.

const schedule = (name: string, kinds: string): string => `
CREATE TABLE ${name} (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  job_key TEXT NOT NULL,
  inputs_json TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN (${kinds})),
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
){table};`

const fires = `
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
){keyed};`

/**
 * SQLite cannot change what a column allows: the table is made anew, and what points at it steps aside meanwhile, because a
 * row that is pointed at cannot be dropped.
 */
const kindsOnSqlite = (kinds: string): string => `
CREATE TABLE kept_fire AS SELECT * FROM schedule_fire;
DROP TABLE schedule_fire;
${schedule('new_schedule', kinds)}
INSERT INTO new_schedule SELECT * FROM schedule;
DROP TABLE schedule;
ALTER TABLE new_schedule RENAME TO schedule;
CREATE INDEX schedule_due ON schedule (next_at_ms) WHERE next_at_ms IS NOT NULL;
CREATE INDEX schedule_of_context ON schedule (context, id) WHERE status <> 'removed';
${fires}
INSERT INTO schedule_fire SELECT * FROM kept_fire;
DROP TABLE kept_fire;
CREATE INDEX schedule_fire_open ON schedule_fire (schedule_id) WHERE is_open = 1`

const kindsOnPostgres = (kinds: string): string => `
ALTER TABLE schedule DROP CONSTRAINT schedule_kind_check;
ALTER TABLE schedule ADD CONSTRAINT schedule_kind_check CHECK (kind IN (${kinds}))`

const kinds = (dialect: Dialect, allowed: string): string[] =>
  (dialect === 'sqlite' ? kindsOnSqlite(allowed) : kindsOnPostgres(allowed)).split(/;\n/)

const tables = `
CREATE TABLE plan (
  schedule_id TEXT NOT NULL PRIMARY KEY REFERENCES schedule (id),
  context TEXT NOT NULL,
  settings_json TEXT NOT NULL,
  last_plan_json TEXT,
  troubles {int} NOT NULL CHECK (troubles >= 0),
  model_failures {int} NOT NULL CHECK (model_failures >= 0),
  model_rests_until_ms {int} NOT NULL,
  repeats {int} NOT NULL CHECK (repeats >= 0),
  fingerprint TEXT,
  noticed_code TEXT,
  noticed_at_ms {int} NOT NULL,
  updated_at_ms {int} NOT NULL
){keyed};
CREATE TABLE plan_source (
  schedule_id TEXT NOT NULL REFERENCES schedule (id),
  name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('ok', 'warned', 'disabled')),
  window_json TEXT NOT NULL,
  failed_in_a_row {int} NOT NULL,
  rests_until_ms {int} NOT NULL,
  last_called_at_ms {int},
  changed_at_ms {int} NOT NULL,
  changed_by TEXT NOT NULL,
  PRIMARY KEY (schedule_id, name)
){keyed};
CREATE TABLE plan_cycle (
  id TEXT NOT NULL PRIMARY KEY,
  schedule_id TEXT NOT NULL REFERENCES schedule (id),
  context TEXT NOT NULL,
  due_at_ms {int} NOT NULL,
  by_hand {int} NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('planning', 'repairing', 'running', 'scheduling', 'done', 'failed')),
  run_id TEXT,
  known_json TEXT NOT NULL,
  plan_json TEXT,
  notes_json TEXT NOT NULL,
  outcome_json TEXT,
  advice_json TEXT,
  next_json TEXT,
  error_json TEXT,
  tokens {int} NOT NULL CHECK (tokens >= 0),
  cost_micros {int} NOT NULL CHECK (cost_micros >= 0),
  is_mock {int} NOT NULL,
  started_at_ms {int} NOT NULL,
  ended_at_ms {int},
  UNIQUE (schedule_id, due_at_ms, by_hand),
  CHECK ((status IN ('done', 'failed')) = (ended_at_ms IS NOT NULL)),
  CHECK (ended_at_ms IS NOT NULL OR run_id IS NOT NULL)
){table};
CREATE UNIQUE INDEX plan_cycle_live ON plan_cycle (schedule_id) WHERE ended_at_ms IS NULL;
CREATE INDEX plan_cycle_of_schedule ON plan_cycle (schedule_id, started_at_ms);
CREATE TABLE plan_run (
  schedule_id TEXT NOT NULL REFERENCES schedule (id),
  due_at_ms {int} NOT NULL,
  by_hand {int} NOT NULL,
  stage TEXT NOT NULL CHECK (stage IN ('plan', 'repair', 'run', 'next')),
  run_id TEXT NOT NULL UNIQUE,
  held_micros {int} NOT NULL,
  is_open {int} NOT NULL,
  PRIMARY KEY (schedule_id, due_at_ms, by_hand, stage)
){keyed};
CREATE INDEX plan_run_open ON plan_run (schedule_id) WHERE is_open = 1;
CREATE TABLE plan_hint (
  id TEXT NOT NULL PRIMARY KEY,
  schedule_id TEXT NOT NULL REFERENCES schedule (id),
  context TEXT NOT NULL,
  said_by TEXT NOT NULL CHECK (said_by IN ('person', 'model')),
  account_id TEXT,
  every_ms {int} CHECK (every_ms > 0),
  at_ms {int},
  note TEXT,
  until_ms {int} NOT NULL,
  created_at_ms {int} NOT NULL
){keyed};
CREATE INDEX plan_hint_of_schedule ON plan_hint (schedule_id, until_ms);
CREATE TABLE plan_action (
  id TEXT NOT NULL PRIMARY KEY,
  schedule_id TEXT NOT NULL REFERENCES schedule (id),
  context TEXT NOT NULL,
  cycle_id TEXT NOT NULL,
  place {int} NOT NULL,
  action TEXT NOT NULL,
  details_json TEXT NOT NULL,
  same_key TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('applied', 'asked', 'declined', 'dropped')),
  reason TEXT,
  decided_by TEXT,
  created_at_ms {int} NOT NULL,
  decided_at_ms {int},
  UNIQUE (cycle_id, place)
){keyed};
CREATE INDEX plan_action_of_schedule ON plan_action (schedule_id, id)
`

/** Schedules that are planned anew each time: what they are after, each cycle, and what was said and recommended. */
export const plans: Migration = {
  name: '0023-plans',
  up: (dialect) => [...kinds(dialect, `'cron', 'interval', 'once', 'planned'`), ...tables.split(/;\n/)],
  down: (dialect) => [
    ...['action', 'hint', 'run', 'cycle', 'source'].map((name) => `DROP TABLE plan_${name}`),
    'DROP TABLE plan',
    `DELETE FROM schedule_fire WHERE schedule_id IN (SELECT id FROM schedule WHERE kind = 'planned')`,
    `DELETE FROM schedule WHERE kind = 'planned'`,
    ...kinds(dialect, `'cron', 'interval', 'once'`),
  ],
}

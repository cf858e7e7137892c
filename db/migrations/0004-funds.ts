import type { Migration } from './migration.ts'

// Frozen: a later change of the schema is a new migration.

const waits = `
ALTER TABLE ledger_account ADD COLUMN waiters {int} NOT NULL DEFAULT 0 CHECK (waiters >= 0);

CREATE TABLE funds_wait (
  run_id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  state TEXT NOT NULL CHECK (state IN ('waiting', 'funded', 'taken', 'ended')),
  is_start {int} NOT NULL,
  amount_micros {int} NOT NULL CHECK (amount_micros >= 0),
  runs {int} NOT NULL,
  limit_name TEXT NOT NULL,
  shortage_json TEXT NOT NULL,
  accepted_json TEXT,
  created_at_ms {int} NOT NULL,
  expires_at_ms {int} NOT NULL,
  ended_at_ms {int}
){keyed};
CREATE INDEX funds_wait_in_line ON funds_wait (context, created_at_ms, run_id) WHERE state = 'waiting';
CREATE INDEX funds_wait_of_person ON funds_wait (account_id) WHERE state = 'waiting';
`

const budgets = `
CREATE TABLE budget_request (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  run_id TEXT,
  limit_name TEXT NOT NULL,
  scope TEXT NOT NULL,
  amount_micros {int} NOT NULL CHECK (amount_micros >= 0),
  runs {int} NOT NULL CHECK (runs >= 0),
  reason TEXT,
  until_ms {int} NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('open', 'granted', 'declined', 'expired')),
  told_json TEXT NOT NULL,
  decided_by TEXT REFERENCES account (id),
  decision_reason TEXT,
  created_at_ms {int} NOT NULL,
  expires_at_ms {int} NOT NULL,
  decided_at_ms {int},
  CHECK ((status IN ('open', 'expired')) = (decided_by IS NULL))
){table};
CREATE INDEX budget_request_of_context ON budget_request (context, id);
CREATE UNIQUE INDEX budget_request_open ON budget_request (run_id) WHERE status = 'open' AND run_id IS NOT NULL;

CREATE TABLE budget_raise (
  id TEXT NOT NULL PRIMARY KEY,
  request_id TEXT NOT NULL UNIQUE REFERENCES budget_request (id),
  scope TEXT NOT NULL,
  limit_name TEXT NOT NULL,
  amount_micros {int} NOT NULL CHECK (amount_micros >= 0),
  runs {int} NOT NULL CHECK (runs >= 0),
  granted_by TEXT NOT NULL REFERENCES account (id),
  created_at_ms {int} NOT NULL,
  until_ms {int} NOT NULL,
  CHECK (amount_micros > 0 OR runs > 0)
){table};
CREATE INDEX budget_raise_in_force ON budget_raise (scope, limit_name, until_ms);

CREATE TABLE limit_warning (
  scope TEXT NOT NULL,
  limit_name TEXT NOT NULL,
  period TEXT NOT NULL,
  size TEXT NOT NULL,
  threshold TEXT NOT NULL,
  at_ms {int} NOT NULL,
  PRIMARY KEY (scope, limit_name, period, size, threshold)
){keyed};
`

const TABLES = [...(waits + budgets).matchAll(/CREATE TABLE (\w+)/g)]

export const funds: Migration = {
  name: '0004-funds',
  up: () => [waits, budgets].flatMap((part) => part.split(/;\n/)),
  down: () => [
    ...TABLES.map(([, name]) => `DROP TABLE ${name}`).reverse(),
    'ALTER TABLE ledger_account DROP COLUMN waiters',
  ],
}

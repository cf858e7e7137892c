import type { Migration } from './migration.ts'

/**
 * Policies are documents, one for each context and one of the instance. Budgets count in `usage_counter`, under `budget:<id>`;
 * what a hold has counted stands in `budget_use`, so that what was not spent is given back where it was counted.
 */
export const policy: Migration = {
  name: '0020-policy',
  up: () => [
    `CREATE TABLE policy (
  context TEXT PRIMARY KEY,
  document_json TEXT NOT NULL,
  version {int} NOT NULL,
  updated_by TEXT NOT NULL REFERENCES account (id),
  updated_at_ms {int} NOT NULL
){keyed}`,
    `CREATE TABLE budget (
  id TEXT PRIMARY KEY,
  context TEXT NOT NULL,
  subject TEXT NOT NULL,
  period TEXT NOT NULL CHECK (period IN ('run', 'day', 'month')),
  limit_micros {int} NOT NULL CHECK (limit_micros >= 0),
  warn_percent {int} NOT NULL CHECK (warn_percent BETWEEN 1 AND 100),
  is_stop {int} NOT NULL CHECK (is_stop IN (0, 1)),
  version {int} NOT NULL,
  created_by TEXT NOT NULL REFERENCES account (id),
  created_at_ms {int} NOT NULL,
  updated_at_ms {int} NOT NULL,
  UNIQUE (context, subject, period)
){keyed}`,
    `CREATE TABLE budget_use (
  hold_id TEXT NOT NULL,
  budget_id TEXT NOT NULL,
  period TEXT NOT NULL,
  amount_micros {int} NOT NULL,
  PRIMARY KEY (hold_id, budget_id)
){keyed}`,
  ],
  down: () => ['DROP TABLE budget_use', 'DROP TABLE budget', 'DROP TABLE policy'],
}

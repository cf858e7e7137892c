import type { Migration } from './migration.ts'

const tables = `
CREATE TABLE variant (
  id TEXT NOT NULL PRIMARY KEY,
  run_id TEXT NOT NULL,
  source_run_id TEXT NOT NULL,
  revision {int} NOT NULL CHECK (revision >= 1),
  outputs_json TEXT,
  edited_by TEXT,
  edited_at_ms {int},
  accepted_at_ms {int},
  created_at_ms {int} NOT NULL
){keyed};
CREATE INDEX variant_of_run ON variant (run_id);

CREATE TABLE variant_revision (
  variant_id TEXT NOT NULL REFERENCES variant (id),
  revision {int} NOT NULL,
  outputs_json TEXT NOT NULL,
  account_id TEXT NOT NULL,
  at_ms {int} NOT NULL,
  PRIMARY KEY (variant_id, revision)
){keyed};

CREATE TABLE variant_choice (
  run_id TEXT NOT NULL PRIMARY KEY REFERENCES run (id),
  variant_id TEXT NOT NULL REFERENCES variant (id),
  revision {int} NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  channel TEXT NOT NULL,
  at_ms {int} NOT NULL
){keyed};
`

/** Variants that somebody edited or accepted, and those that a run has beside its own. */
export const variants: Migration = {
  name: '0005-variants',
  up: () => tables.split(/;\n/),
  down: () => ['DROP TABLE variant_choice', 'DROP TABLE variant_revision', 'DROP TABLE variant'],
}

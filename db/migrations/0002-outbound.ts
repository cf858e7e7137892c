import type { Migration } from './migration.ts'

const tables = `
CREATE TABLE endpoint (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  name TEXT NOT NULL,
  definition_json TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at_ms {int} NOT NULL,
  updated_at_ms {int} NOT NULL,
  breaker TEXT NOT NULL CHECK (breaker IN ('closed', 'open', 'half_open')),
  open_until_ms {int} NOT NULL,
  trial_until_ms {int} NOT NULL,
  failed_1_at_ms {int} NOT NULL,
  failed_2_at_ms {int} NOT NULL,
  failed_3_at_ms {int} NOT NULL,
  failed_4_at_ms {int} NOT NULL,
  failed_5_at_ms {int} NOT NULL
){table};
CREATE UNIQUE INDEX endpoint_name ON endpoint (context, name);

CREATE TABLE provider (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  name TEXT NOT NULL,
  definition_json TEXT NOT NULL,
  rate_micros {int} CHECK (rate_micros >= 0),
  created_by TEXT NOT NULL,
  created_at_ms {int} NOT NULL,
  updated_at_ms {int} NOT NULL
){table};
CREATE UNIQUE INDEX provider_name ON provider (context, name);

CREATE TABLE callback (
  key TEXT NOT NULL PRIMARY KEY,
  token_hash TEXT NOT NULL,
  run_id TEXT NOT NULL,
  seq {int} NOT NULL,
  context TEXT NOT NULL,
  provider_json TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'received', 'over')),
  provider_run_id TEXT,
  outcome_json TEXT,
  body_hash TEXT,
  polls {int} NOT NULL,
  next_poll_at_ms {int},
  created_at_ms {int} NOT NULL,
  received_at_ms {int},
  CHECK ((state = 'received') = (outcome_json IS NOT NULL))
){table};
CREATE UNIQUE INDEX callback_token ON callback (token_hash);
CREATE INDEX callback_run ON callback (run_id);

CREATE TABLE signing_secret (
  context TEXT NOT NULL,
  version {int} NOT NULL CHECK (version > 1),
  created_by TEXT NOT NULL,
  created_at_ms {int} NOT NULL,
  PRIMARY KEY (context, version)
){keyed};
`

export const outbound: Migration = {
  name: '0002-outbound',
  up: () => tables.split(/;\n/),
  down: () => ['signing_secret', 'callback', 'provider', 'endpoint'].map((name) => `DROP TABLE ${name}`),
}

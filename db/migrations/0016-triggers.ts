import type { Migration } from './migration.ts'

// Frozen: a later change of the schema is a new migration.

const tables = `
CREATE TABLE webhook_trigger (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  job_key TEXT NOT NULL,
  mapping_json TEXT NOT NULL,
  filter_json TEXT NOT NULL,
  example_json TEXT,
  scheme TEXT NOT NULL CHECK (scheme IN ('standard_webhooks', 'github', 'stripe', 'bearer')),
  version {int} NOT NULL CHECK (version > 0),
  hint TEXT NOT NULL,
  budget_micros {int} CHECK (budget_micros >= 0),
  committed_micros {int} NOT NULL CHECK (committed_micros >= 0),
  rate_per_minute {int} NOT NULL CHECK (rate_per_minute > 0),
  window_ms {int} NOT NULL,
  window_count {int} NOT NULL,
  capped_at_ms {int} NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'paused', 'removed')),
  refused_code TEXT,
  refused_reason TEXT,
  refused_at_ms {int},
  noticed_at_ms {int} NOT NULL,
  last_at_ms {int},
  created_at_ms {int} NOT NULL,
  updated_at_ms {int} NOT NULL,
  rotated_at_ms {int}
){table};
CREATE INDEX webhook_trigger_of_context ON webhook_trigger (context, id) WHERE status <> 'removed';

CREATE TABLE trigger_secret (
  id TEXT NOT NULL PRIMARY KEY,
  trigger_id TEXT NOT NULL REFERENCES webhook_trigger (id),
  context TEXT NOT NULL,
  version {int} NOT NULL CHECK (version > 0),
  sealed TEXT NOT NULL,
  valid_until_ms {int}
){table};
CREATE UNIQUE INDEX trigger_secret_version ON trigger_secret (trigger_id, version);

CREATE TABLE trigger_delivery (
  id TEXT NOT NULL PRIMARY KEY,
  trigger_id TEXT NOT NULL REFERENCES webhook_trigger (id),
  delivery_key TEXT NOT NULL,
  external_id TEXT,
  status TEXT NOT NULL CHECK (status IN ('accepted', 'started', 'refused', 'ignored')),
  received_at_ms {int} NOT NULL,
  settled_at_ms {int},
  payload_json TEXT,
  size_bytes {int} NOT NULL,
  replay_of TEXT,
  replayed_by TEXT,
  run_id TEXT,
  reason_code TEXT,
  reason TEXT,
  held_micros {int} NOT NULL,
  is_open {int} NOT NULL,
  CHECK ((status = 'started') = (run_id IS NOT NULL)),
  CHECK ((status = 'accepted') = (settled_at_ms IS NULL))
){table};
CREATE UNIQUE INDEX trigger_delivery_key ON trigger_delivery (trigger_id, delivery_key);
CREATE INDEX trigger_delivery_newest ON trigger_delivery (trigger_id, id);
CREATE INDEX trigger_delivery_open ON trigger_delivery (trigger_id) WHERE is_open = 1;
CREATE INDEX trigger_delivery_age ON trigger_delivery (received_at_ms);

CREATE TABLE command_rule (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  command TEXT NOT NULL,
  filter_json TEXT,
  rhythm_json TEXT,
  rate_per_hour {int} NOT NULL CHECK (rate_per_hour > 0),
  window_ms {int} NOT NULL,
  window_count {int} NOT NULL,
  since_seq {int} NOT NULL,
  next_at_ms {int},
  status TEXT NOT NULL CHECK (status IN ('active', 'paused', 'ended', 'removed')),
  status_reason TEXT,
  fires {int} NOT NULL,
  last_at_ms {int},
  created_at_ms {int} NOT NULL,
  updated_at_ms {int} NOT NULL,
  CHECK ((filter_json IS NULL) <> (rhythm_json IS NULL))
){table};
CREATE INDEX command_rule_of_context ON command_rule (context, id) WHERE status <> 'removed';
CREATE INDEX command_rule_listening ON command_rule (id) WHERE status = 'active' AND filter_json IS NOT NULL;
CREATE INDEX command_rule_due ON command_rule (next_at_ms) WHERE next_at_ms IS NOT NULL;

CREATE TABLE rule_fire (
  id TEXT NOT NULL PRIMARY KEY,
  rule_id TEXT NOT NULL REFERENCES command_rule (id),
  cause_key TEXT NOT NULL,
  account_id TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('said', 'answered', 'refused', 'stopped', 'capped')),
  event_seq {int},
  event_type TEXT,
  chain_json TEXT NOT NULL,
  command TEXT NOT NULL,
  reason TEXT,
  at_ms {int} NOT NULL
){table};
CREATE UNIQUE INDEX rule_fire_once ON rule_fire (rule_id, cause_key);
CREATE INDEX rule_fire_newest ON rule_fire (rule_id, id);
CREATE INDEX rule_fire_age ON rule_fire (at_ms);

CREATE TABLE rule_answer (
  fire_id TEXT NOT NULL REFERENCES rule_fire (id),
  message_key TEXT NOT NULL,
  text TEXT NOT NULL,
  at_ms {int} NOT NULL,
  PRIMARY KEY (fire_id, message_key)
){keyed};

CREATE TABLE rule_cursor (
  name TEXT NOT NULL PRIMARY KEY,
  seq {int} NOT NULL
){keyed};
`

export const triggers: Migration = {
  name: '0016-triggers',
  up: () => tables.split(/;\n/),
  down: () => [
    'DROP TABLE rule_cursor',
    'DROP TABLE rule_answer',
    'DROP TABLE rule_fire',
    'DROP TABLE command_rule',
    'DROP TABLE trigger_delivery',
    'DROP TABLE trigger_secret',
    'DROP TABLE webhook_trigger',
  ],
}

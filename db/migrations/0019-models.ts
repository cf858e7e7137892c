import type { Migration } from './migration.ts'

/** What models were asked, what they cost, and which of the connections to them rest. */
export const models: Migration = {
  name: '0019-models',
  up: () => [
    `CREATE TABLE model_call (
  id TEXT PRIMARY KEY,
  run_id TEXT NOT NULL,
  seq {int} NOT NULL,
  attempt {int} NOT NULL,
  context TEXT NOT NULL,
  account_id TEXT NOT NULL,
  job_key TEXT NOT NULL,
  tool_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  connection TEXT,
  status TEXT NOT NULL CHECK (status IN ('begun', 'ended', 'failed', 'aborted')),
  error_code TEXT,
  input_tokens {int} NOT NULL,
  output_tokens {int} NOT NULL,
  cached_input_tokens {int} NOT NULL,
  is_estimated {int} NOT NULL CHECK (is_estimated IN (0, 1)),
  cost_micros {int} NOT NULL CHECK (cost_micros >= 0),
  is_charged {int} NOT NULL CHECK (is_charged IN (0, 1)),
  began_at_ms {int} NOT NULL,
  ended_at_ms {int}
){keyed}`,
    'CREATE INDEX model_call_run ON model_call (run_id, seq)',
    'CREATE INDEX model_call_usage ON model_call (context, began_at_ms)',
    `CREATE TABLE model_price (
  provider TEXT NOT NULL,
  connection TEXT NOT NULL,
  model TEXT NOT NULL,
  effective_at_ms {int} NOT NULL,
  input_micros {int} NOT NULL CHECK (input_micros >= 0),
  output_micros {int} NOT NULL CHECK (output_micros >= 0),
  cached_input_micros {int} NOT NULL CHECK (cached_input_micros >= 0),
  context_tokens {int},
  output_tokens_max {int},
  set_by TEXT,
  PRIMARY KEY (provider, connection, model, effective_at_ms)
){keyed}`,
    `CREATE TABLE model_circuit (
  id TEXT PRIMARY KEY,
  breaker TEXT NOT NULL CHECK (breaker IN ('closed', 'open', 'half_open')),
  open_until_ms {int} NOT NULL,
  trial_until_ms {int} NOT NULL,
  failed_1_at_ms {int} NOT NULL,
  failed_2_at_ms {int} NOT NULL,
  failed_3_at_ms {int} NOT NULL,
  failed_4_at_ms {int} NOT NULL,
  failed_5_at_ms {int} NOT NULL
){keyed}`,
  ],
  down: () => ['DROP TABLE model_circuit', 'DROP TABLE model_price', 'DROP TABLE model_call'],
}

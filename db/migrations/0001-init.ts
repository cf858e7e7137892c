import type { Migration } from './migration.ts'

// Frozen: a later change of the schema is a new migration. (Once, three conditions of `transfer` and `outbox` were written in
// other words that mean the same; files from before keep theirs.)
// {int} is a 64-bit integer, {id} a counting key, {blob} bytes, {table} ends a table, {keyed} one that is its own index.

const people = `
CREATE TABLE account (
  id TEXT NOT NULL PRIMARY KEY,
  handle TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL,
  platform_role TEXT NOT NULL CHECK (platform_role IN ('user', 'admin')),
  time_zone TEXT NOT NULL,
  monthly_cap_micros {int} CHECK (monthly_cap_micros >= 0),
  confirm_above_micros {int} CHECK (confirm_above_micros >= 0),
  created_at_ms {int} NOT NULL,
  disabled_at_ms {int}
){table};

CREATE TABLE identity (
  channel TEXT NOT NULL,
  external_id TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  private_conversation TEXT,
  created_at_ms {int} NOT NULL,
  PRIMARY KEY (channel, external_id)
){keyed};
CREATE INDEX identity_account ON identity (account_id);

CREATE TABLE secret_code (
  hash TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  account_id TEXT REFERENCES account (id),
  payload_json TEXT NOT NULL,
  created_at_ms {int} NOT NULL,
  expires_at_ms {int} NOT NULL,
  used_at_ms {int}
){keyed};

CREATE TABLE session (
  hash TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  created_at_ms {int} NOT NULL,
  expires_at_ms {int} NOT NULL
){keyed};

CREATE TABLE api_key (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  hint TEXT NOT NULL,
  scopes_json TEXT NOT NULL,
  created_at_ms {int} NOT NULL,
  expires_at_ms {int},
  revoked_at_ms {int},
  last_used_at_ms {int}
){table};
CREATE INDEX api_key_account ON api_key (account_id);
`

const teams = `
CREATE TABLE team (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  monthly_cap_micros {int} CHECK (monthly_cap_micros >= 0),
  max_runs_per_month {int} CHECK (max_runs_per_month >= 0),
  max_members {int} CHECK (max_members >= 1),
  confirm_above_micros {int} CHECK (confirm_above_micros >= 0),
  settings_json TEXT NOT NULL,
  created_at_ms {int} NOT NULL,
  deleted_at_ms {int}
){table};

CREATE TABLE membership (
  team_id TEXT NOT NULL REFERENCES team (id),
  account_id TEXT NOT NULL REFERENCES account (id),
  role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
  spending_cap_micros {int} CHECK (spending_cap_micros >= 0),
  can_invite {int} NOT NULL,
  created_at_ms {int} NOT NULL,
  PRIMARY KEY (team_id, account_id)
){keyed};
CREATE INDEX membership_account ON membership (account_id);
CREATE UNIQUE INDEX membership_one_owner ON membership (team_id) WHERE role = 'owner';

CREATE TABLE invitation (
  id TEXT NOT NULL PRIMARY KEY,
  team_id TEXT NOT NULL REFERENCES team (id),
  code_hash TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  invitee TEXT,
  invited_by TEXT NOT NULL REFERENCES account (id),
  status TEXT NOT NULL CHECK (status IN ('open', 'accepted', 'declined', 'revoked')),
  decided_by TEXT REFERENCES account (id),
  created_at_ms {int} NOT NULL,
  expires_at_ms {int} NOT NULL,
  decided_at_ms {int}
){table};
CREATE INDEX invitation_team ON invitation (team_id);

CREATE TABLE remembered_context (
  account_id TEXT NOT NULL REFERENCES account (id),
  channel TEXT NOT NULL,
  context TEXT NOT NULL,
  PRIMARY KEY (account_id, channel)
){keyed};

CREATE TABLE linked_chat (
  channel TEXT NOT NULL,
  conversation TEXT NOT NULL,
  team_id TEXT NOT NULL REFERENCES team (id),
  linked_by TEXT NOT NULL REFERENCES account (id),
  created_at_ms {int} NOT NULL,
  PRIMARY KEY (channel, conversation)
){keyed};
`

const money = `
CREATE TABLE ledger_account (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('wallet', 'platform')),
  posted_micros {int} NOT NULL,
  pending_micros {int} NOT NULL CHECK (pending_micros >= 0),
  credit_limit_micros {int} NOT NULL CHECK (credit_limit_micros >= 0),
  credit_approved_by TEXT REFERENCES account (id),
  overdraft_floor_micros {int} NOT NULL CHECK (overdraft_floor_micros >= 0),
  entry_seq {int} NOT NULL,
  created_at_ms {int} NOT NULL,
  CONSTRAINT never_below_the_floor CHECK (kind = 'platform' OR posted_micros - pending_micros >= -overdraft_floor_micros)
){table};

CREATE TABLE transfer (
  id TEXT NOT NULL PRIMARY KEY,
  debit TEXT NOT NULL REFERENCES ledger_account (id),
  credit TEXT NOT NULL REFERENCES ledger_account (id),
  amount_micros {int} NOT NULL CHECK (amount_micros > 0),
  state TEXT NOT NULL CHECK (state = 'pending' OR state = 'posted' OR state = 'released' OR state = 'expired'),
  kind TEXT NOT NULL CHECK (kind = 'fund' OR kind = 'grant' OR kind = 'charge' OR kind = 'refund' OR kind = 'repay' OR kind = 'adjust'),
  pending_id TEXT REFERENCES transfer (id),
  run_id TEXT,
  step_id TEXT,
  actor TEXT NOT NULL,
  context TEXT,
  idempotency_key TEXT,
  reason TEXT,
  reverses_id TEXT REFERENCES transfer (id),
  period TEXT NOT NULL,
  at_ms {int} NOT NULL,
  CHECK (debit <> credit)
){keyed};
CREATE UNIQUE INDEX transfer_resolved_once ON transfer (pending_id) WHERE pending_id IS NOT NULL;
CREATE UNIQUE INDEX transfer_once ON transfer (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX transfer_reverses ON transfer (reverses_id) WHERE reverses_id IS NOT NULL;

CREATE TABLE entry (
  account_id TEXT NOT NULL REFERENCES ledger_account (id),
  seq {int} NOT NULL,
  transfer_id TEXT NOT NULL REFERENCES transfer (id),
  amount_micros {int} NOT NULL,
  balance_after_micros {int} NOT NULL,
  PRIMARY KEY (account_id, seq)
){keyed};

CREATE TABLE usage_counter (
  scope TEXT NOT NULL,
  period TEXT NOT NULL,
  used_micros {int} NOT NULL CHECK (used_micros >= 0),
  runs {int} NOT NULL CHECK (runs >= 0),
  PRIMARY KEY (scope, period)
){keyed};

CREATE TABLE price (
  tool_id TEXT NOT NULL,
  effective_at_ms {int} NOT NULL,
  unit TEXT NOT NULL,
  rate_micros {int} NOT NULL CHECK (rate_micros >= 0),
  max_micros {int} NOT NULL CHECK (max_micros >= 0),
  PRIMARY KEY (tool_id, effective_at_ms)
){keyed};

CREATE TABLE idempotency (
  key TEXT NOT NULL PRIMARY KEY,
  request_hash TEXT NOT NULL,
  response_json TEXT NOT NULL,
  created_at_ms {int} NOT NULL
){keyed};
`

const jobs = `
CREATE TABLE job (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  job_key TEXT NOT NULL,
  version {int} NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('draft', 'published')),
  visibility TEXT NOT NULL CHECK (visibility IN ('private', 'team', 'public')),
  created_by TEXT NOT NULL,
  created_at_ms {int} NOT NULL,
  updated_at_ms {int} NOT NULL,
  deleted_at_ms {int}
){table};
CREATE UNIQUE INDEX job_in_context ON job (context, job_key) WHERE deleted_at_ms IS NULL;
CREATE INDEX job_public ON job (job_key) WHERE visibility = 'public' AND deleted_at_ms IS NULL;

CREATE TABLE job_version (
  job_id TEXT NOT NULL REFERENCES job (id),
  version {int} NOT NULL,
  definition_json TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at_ms {int} NOT NULL,
  PRIMARY KEY (job_id, version)
){keyed};

CREATE TABLE tool_default (
  context TEXT NOT NULL,
  tool_id TEXT NOT NULL,
  inputs_json TEXT NOT NULL,
  PRIMARY KEY (context, tool_id)
){keyed};

CREATE TABLE run (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  job_id TEXT,
  job_key TEXT NOT NULL,
  job_version {int} NOT NULL,
  definition_json TEXT,
  pins_json TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  channel TEXT NOT NULL,
  conversation TEXT,
  status TEXT NOT NULL,
  inputs_json TEXT NOT NULL,
  defaults_json TEXT NOT NULL,
  outputs_json TEXT,
  error_json TEXT,
  estimate_micros {int} NOT NULL,
  max_micros {int} NOT NULL,
  held_micros {int} NOT NULL,
  cost_micros {int} NOT NULL,
  owed_micros {int} NOT NULL,
  holds {int} NOT NULL,
  parent_run_id TEXT,
  parent_seq {int},
  depth {int} NOT NULL,
  cancel_reason TEXT,
  idempotency_key TEXT,
  request_hash TEXT,
  created_at_ms {int} NOT NULL,
  started_at_ms {int},
  finished_at_ms {int}
){keyed};
CREATE INDEX run_of_context ON run (context, id);
CREATE UNIQUE INDEX run_once ON run (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX run_live ON run (context) WHERE finished_at_ms IS NULL;
CREATE INDEX run_children ON run (parent_run_id) WHERE parent_run_id IS NOT NULL;

CREATE TABLE run_step (
  run_id TEXT NOT NULL,
  seq {int} NOT NULL,
  step_id TEXT NOT NULL,
  parent_seq {int},
  item_index {int},
  status TEXT NOT NULL,
  attempt {int} NOT NULL,
  starts {int} NOT NULL,
  wait_for TEXT,
  wake_at_ms {int},
  pending_output_json TEXT,
  output_json TEXT,
  error_json TEXT,
  cost_micros {int} NOT NULL,
  child_run_id TEXT,
  started_at_ms {int},
  finished_at_ms {int},
  PRIMARY KEY (run_id, seq)
){keyed};

CREATE TABLE artifact_blob (
  sha256 TEXT NOT NULL PRIMARY KEY,
  bytes {blob} NOT NULL
){table};

CREATE TABLE artifact (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  run_id TEXT,
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size_bytes {int} NOT NULL,
  sha256 TEXT NOT NULL REFERENCES artifact_blob (sha256),
  created_at_ms {int} NOT NULL
){table};
CREATE INDEX artifact_run ON artifact (run_id) WHERE run_id IS NOT NULL;
`

const record = `
CREATE TABLE event (
  seq {id},
  at_ms {int} NOT NULL,
  type TEXT NOT NULL,
  actor TEXT NOT NULL,
  context TEXT,
  subject TEXT NOT NULL,
  details_json TEXT NOT NULL
){table};
CREATE INDEX event_subject ON event (subject, seq);

CREATE TABLE work_item (
  key TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  run_at_ms {int} NOT NULL,
  fair_group TEXT NOT NULL,
  token TEXT,
  lease_until_ms {int} NOT NULL,
  dirty {int} NOT NULL
){keyed};
CREATE INDEX work_item_due ON work_item (kind, run_at_ms) WHERE token IS NULL;
CREATE INDEX work_item_leased ON work_item (lease_until_ms) WHERE token IS NOT NULL;

CREATE TABLE setting (
  key TEXT NOT NULL PRIMARY KEY,
  value_json TEXT NOT NULL
){keyed};
`

const chat = `
CREATE TABLE inbox (
  seq {id},
  channel TEXT NOT NULL,
  delivery_id TEXT NOT NULL,
  conversation TEXT NOT NULL,
  payload_json TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('new', 'done', 'failed')),
  tries {int} NOT NULL,
  received_at_ms {int} NOT NULL,
  handled_at_ms {int},
  UNIQUE (channel, delivery_id)
){table};
CREATE INDEX inbox_new ON inbox (channel, conversation, seq) WHERE status = 'new';

CREATE TABLE outbox (
  seq {id},
  channel TEXT NOT NULL,
  conversation TEXT NOT NULL,
  card_key TEXT,
  cause TEXT NOT NULL,
  reply_json TEXT,
  only_for TEXT,
  reply_to TEXT,
  hints_json TEXT,
  status TEXT NOT NULL CHECK (status = 'new' OR status = 'sending' OR status = 'sent' OR status = 'undelivered'),
  version {int} NOT NULL,
  sent_version {int} NOT NULL,
  content_hash TEXT,
  message_ref TEXT,
  tries {int} NOT NULL,
  not_before_ms {int} NOT NULL,
  last_error TEXT,
  created_at_ms {int} NOT NULL,
  sent_at_ms {int}
){table};
CREATE INDEX outbox_waiting ON outbox (channel, conversation, seq) WHERE status IN ('new', 'sending');
CREATE UNIQUE INDEX outbox_card ON outbox (channel, conversation, card_key) WHERE card_key IS NOT NULL;

CREATE TABLE button (
  token TEXT NOT NULL PRIMARY KEY,
  command TEXT NOT NULL,
  once {int} NOT NULL,
  created_at_ms {int} NOT NULL,
  used_by TEXT,
  used_at_ms {int}
){keyed};

CREATE TABLE conversation (
  channel TEXT NOT NULL,
  id TEXT NOT NULL,
  change_seq {int} NOT NULL,
  PRIMARY KEY (channel, id)
){keyed};

CREATE TABLE chat_message (
  id TEXT NOT NULL PRIMARY KEY,
  conversation TEXT NOT NULL,
  change_seq {int} NOT NULL,
  author TEXT NOT NULL CHECK (author IN ('user', 'bot')),
  cause TEXT NOT NULL,
  parts_json TEXT NOT NULL,
  at_ms {int} NOT NULL,
  edited_at_ms {int}
){table};
CREATE UNIQUE INDEX chat_message_change ON chat_message (conversation, change_seq);
CREATE INDEX chat_message_order ON chat_message (conversation, id);
CREATE INDEX chat_message_cause ON chat_message (cause);
`

const APPEND_ONLY = ['transfer', 'entry', 'event']

const neverChanged = {
  sqlite: APPEND_ONLY.flatMap((table) =>
    ['UPDATE', 'DELETE'].map(
      (verb) => `CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table}
BEGIN SELECT RAISE(ABORT, '${table} rows are never changed or removed'); END`,
    ),
  ),
  postgres: [
    `CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% rows are never changed or removed', TG_TABLE_NAME; END $$`,
    ...APPEND_ONLY.map(
      (table) => `CREATE TRIGGER ${table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
    ),
  ],
}

const platformAccounts = `
INSERT INTO ledger_account VALUES
  ('platform:funding', 'platform', 0, 0, 0, NULL, 0, 0, 0),
  ('platform:income', 'platform', 0, 0, 0, NULL, 0, 0, 0),
  ('platform:grants', 'platform', 0, 0, 0, NULL, 0, 0, 0);
`

const TABLES = [...(people + teams + money + jobs + record + chat).matchAll(/CREATE TABLE (\w+)/g)]

export const init: Migration = {
  name: '0001-init',
  up: (dialect) => [
    ...[people, teams, money, jobs, record, chat, platformAccounts].flatMap((part) => part.split(/;\n/)),
    ...neverChanged[dialect],
  ],
  down: (dialect) => [
    ...TABLES.map(([, name]) => `DROP TABLE ${name}`).reverse(),
    ...(dialect === 'postgres' ? ['DROP FUNCTION refuse_change()'] : []),
  ],
}

CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'entry rows are never changed or removed'); END;

CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'entry rows are never changed or removed'); END;

CREATE TRIGGER event_no_delete BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'event rows are never changed or removed'); END;

CREATE TRIGGER event_no_update BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'event rows are never changed or removed'); END;

CREATE TRIGGER transfer_no_delete BEFORE DELETE ON transfer
BEGIN SELECT RAISE(ABORT, 'transfer rows are never changed or removed'); END;

CREATE TRIGGER transfer_no_update BEFORE UPDATE ON transfer
BEGIN SELECT RAISE(ABORT, 'transfer rows are never changed or removed'); END;

CREATE TABLE account (
  id TEXT NOT NULL PRIMARY KEY,
  handle TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL,
  platform_role TEXT NOT NULL CHECK (platform_role IN ('user', 'admin')),
  time_zone TEXT NOT NULL,
  monthly_cap_micros INTEGER CHECK (monthly_cap_micros >= 0),
  confirm_above_micros INTEGER CHECK (confirm_above_micros >= 0),
  created_at_ms INTEGER NOT NULL,
  disabled_at_ms INTEGER
) STRICT;

CREATE TABLE agent (
  id TEXT PRIMARY KEY,
  context TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'paused', 'retired')),
  profile_json TEXT NOT NULL,
  version INTEGER NOT NULL,
  hired_by TEXT NOT NULL REFERENCES account (id),
  hired_at_ms INTEGER NOT NULL,
  seen_at_ms INTEGER,
  UNIQUE (context, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE agent_turn (
  run_id TEXT NOT NULL REFERENCES run (id),
  seq INTEGER NOT NULL,
  attempt_group INTEGER NOT NULL,
  turn INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('start', 'model', 'lost', 'call', 'approval', 'result')),
  is_tainted INTEGER NOT NULL CHECK (is_tainted IN (0, 1)),
  cost_micros INTEGER NOT NULL CHECK (cost_micros >= 0),
  is_charged INTEGER NOT NULL CHECK (is_charged IN (0, 1)),
  took_ms INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  json TEXT NOT NULL,
  PRIMARY KEY (run_id, seq, attempt_group, turn)
) STRICT, WITHOUT ROWID;

CREATE TABLE allowance (
  whose TEXT NOT NULL PRIMARY KEY,
  taken INTEGER NOT NULL,
  granted INTEGER NOT NULL,
  ends_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE api_key (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  hint TEXT NOT NULL,
  scopes_json TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER,
  revoked_at_ms INTEGER,
  last_used_at_ms INTEGER
) STRICT;

CREATE TABLE artifact (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  run_id TEXT,
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL REFERENCES artifact_blob (sha256),
  created_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE artifact_blob (
  sha256 TEXT NOT NULL PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE artifact_blob_piece (
  sha256 TEXT NOT NULL REFERENCES artifact_blob (sha256),
  piece INTEGER NOT NULL CHECK (piece > 0),
  bytes BLOB NOT NULL,
  PRIMARY KEY (sha256, piece)
) STRICT;

CREATE TABLE board_lease (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  resource TEXT NOT NULL,
  purpose TEXT NOT NULL,
  holder TEXT NOT NULL REFERENCES account (id),
  epoch INTEGER NOT NULL CHECK (epoch >= 1),
  ttl_ms INTEGER NOT NULL CHECK (ttl_ms > 0),
  acquired_at_ms INTEGER NOT NULL,
  heartbeat_at_ms INTEGER NOT NULL,
  released_at_ms INTEGER,
  UNIQUE (context, resource)
) STRICT;

CREATE TABLE budget (
  id TEXT PRIMARY KEY,
  context TEXT NOT NULL,
  subject TEXT NOT NULL,
  period TEXT NOT NULL CHECK (period IN ('run', 'day', 'month')),
  limit_micros INTEGER NOT NULL CHECK (limit_micros >= 0),
  warn_percent INTEGER NOT NULL CHECK (warn_percent BETWEEN 1 AND 100),
  is_stop INTEGER NOT NULL CHECK (is_stop IN (0, 1)),
  version INTEGER NOT NULL,
  created_by TEXT NOT NULL REFERENCES account (id),
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  UNIQUE (context, subject, period)
) STRICT, WITHOUT ROWID;

CREATE TABLE budget_raise (
  id TEXT NOT NULL PRIMARY KEY,
  request_id TEXT NOT NULL UNIQUE REFERENCES budget_request (id),
  scope TEXT NOT NULL,
  limit_name TEXT NOT NULL,
  amount_micros INTEGER NOT NULL CHECK (amount_micros >= 0),
  runs INTEGER NOT NULL CHECK (runs >= 0),
  granted_by TEXT NOT NULL REFERENCES account (id),
  created_at_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  CHECK (amount_micros > 0 OR runs > 0)
) STRICT;

CREATE TABLE budget_request (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  run_id TEXT,
  limit_name TEXT NOT NULL,
  scope TEXT NOT NULL,
  amount_micros INTEGER NOT NULL CHECK (amount_micros >= 0),
  runs INTEGER NOT NULL CHECK (runs >= 0),
  reason TEXT,
  until_ms INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('open', 'granted', 'declined', 'expired')),
  told_json TEXT NOT NULL,
  decided_by TEXT REFERENCES account (id),
  decision_reason TEXT,
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  decided_at_ms INTEGER,
  CHECK ((status IN ('open', 'expired')) = (decided_by IS NULL))
) STRICT;

CREATE TABLE budget_use (
  hold_id TEXT NOT NULL,
  budget_id TEXT NOT NULL,
  period TEXT NOT NULL,
  amount_micros INTEGER NOT NULL,
  PRIMARY KEY (hold_id, budget_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE button (
  token TEXT NOT NULL PRIMARY KEY,
  command TEXT NOT NULL,
  once INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  used_by TEXT,
  used_at_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE callback (
  key TEXT NOT NULL PRIMARY KEY,
  token_hash TEXT NOT NULL,
  run_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  context TEXT NOT NULL,
  provider_json TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'received', 'over')),
  provider_run_id TEXT,
  outcome_json TEXT,
  body_hash TEXT,
  polls INTEGER NOT NULL,
  next_poll_at_ms INTEGER,
  created_at_ms INTEGER NOT NULL,
  received_at_ms INTEGER, sealed TEXT,
  CHECK ((state = 'received') = (outcome_json IS NOT NULL))
) STRICT;

CREATE TABLE chat_message (
  id TEXT NOT NULL PRIMARY KEY,
  conversation TEXT NOT NULL,
  change_seq INTEGER NOT NULL,
  author TEXT NOT NULL CHECK (author IN ('user', 'bot')),
  cause TEXT NOT NULL,
  parts_json TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  edited_at_ms INTEGER
) STRICT;

CREATE TABLE command_rule (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  command TEXT NOT NULL,
  filter_json TEXT,
  rhythm_json TEXT,
  rate_per_hour INTEGER NOT NULL CHECK (rate_per_hour > 0),
  window_ms INTEGER NOT NULL,
  window_count INTEGER NOT NULL,
  since_seq INTEGER NOT NULL,
  next_at_ms INTEGER,
  status TEXT NOT NULL CHECK (status IN ('active', 'paused', 'ended', 'removed')),
  status_reason TEXT,
  fires INTEGER NOT NULL,
  last_at_ms INTEGER,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  CHECK ((filter_json IS NULL) <> (rhythm_json IS NULL))
) STRICT;

CREATE TABLE connection (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  name TEXT NOT NULL,
  provider TEXT NOT NULL,
  settings_json TEXT NOT NULL,
  sealed TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version > 0),
  hint TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  rotated_at_ms INTEGER,
  tested_at_ms INTEGER,
  test_json TEXT
) STRICT;

CREATE TABLE conversation (
  channel TEXT NOT NULL,
  id TEXT NOT NULL,
  change_seq INTEGER NOT NULL,
  PRIMARY KEY (channel, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE email_claim (
  address TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE endpoint (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  name TEXT NOT NULL,
  definition_json TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  breaker TEXT NOT NULL CHECK (breaker IN ('closed', 'open', 'half_open')),
  open_until_ms INTEGER NOT NULL,
  trial_until_ms INTEGER NOT NULL,
  failed_1_at_ms INTEGER NOT NULL,
  failed_2_at_ms INTEGER NOT NULL,
  failed_3_at_ms INTEGER NOT NULL,
  failed_4_at_ms INTEGER NOT NULL,
  failed_5_at_ms INTEGER NOT NULL
, sealed TEXT) STRICT;

CREATE TABLE entry (
  account_id TEXT NOT NULL REFERENCES ledger_account (id),
  seq INTEGER NOT NULL,
  transfer_id TEXT NOT NULL REFERENCES transfer (id),
  amount_micros INTEGER NOT NULL,
  balance_after_micros INTEGER NOT NULL,
  PRIMARY KEY (account_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
  seq INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  type TEXT NOT NULL,
  actor TEXT NOT NULL,
  context TEXT,
  subject TEXT NOT NULL,
  details_json TEXT NOT NULL
) STRICT;

CREATE TABLE form (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  channel TEXT NOT NULL,
  conversation TEXT NOT NULL,
  purpose_json TEXT NOT NULL,
  terms_json TEXT NOT NULL,
  answers_json TEXT NOT NULL,
  turns_json TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('open', 'sent', 'dropped', 'expired')),
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE funds_wait (
  run_id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  state TEXT NOT NULL CHECK (state IN ('waiting', 'funded', 'taken', 'ended')),
  is_start INTEGER NOT NULL,
  amount_micros INTEGER NOT NULL CHECK (amount_micros >= 0),
  runs INTEGER NOT NULL,
  limit_name TEXT NOT NULL,
  shortage_json TEXT NOT NULL,
  accepted_json TEXT,
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  ended_at_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
  key TEXT NOT NULL PRIMARY KEY,
  request_hash TEXT NOT NULL,
  response_json TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE identity (
  channel TEXT NOT NULL,
  external_id TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  private_conversation TEXT,
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (channel, external_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE inbox (
  seq INTEGER PRIMARY KEY,
  channel TEXT NOT NULL,
  delivery_id TEXT NOT NULL,
  conversation TEXT NOT NULL,
  payload_json TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('new', 'done', 'failed')),
  tries INTEGER NOT NULL,
  received_at_ms INTEGER NOT NULL,
  handled_at_ms INTEGER,
  UNIQUE (channel, delivery_id)
) STRICT;

CREATE TABLE invitation (
  id TEXT NOT NULL PRIMARY KEY,
  team_id TEXT NOT NULL REFERENCES team (id),
  code_hash TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  invitee TEXT,
  invited_by TEXT NOT NULL REFERENCES account (id),
  status TEXT NOT NULL CHECK (status IN ('open', 'accepted', 'declined', 'revoked')),
  decided_by TEXT REFERENCES account (id),
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  decided_at_ms INTEGER
) STRICT;

CREATE TABLE job (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  job_key TEXT NOT NULL,
  version INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('draft', 'published')),
  visibility TEXT NOT NULL CHECK (visibility IN ('private', 'team', 'public')),
  created_by TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  deleted_at_ms INTEGER
) STRICT;

CREATE TABLE job_version (
  job_id TEXT NOT NULL REFERENCES job (id),
  version INTEGER NOT NULL,
  definition_json TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (job_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE lease (
  resource TEXT NOT NULL PRIMARY KEY,
  holder TEXT NOT NULL,
  purpose TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  ttl_ms INTEGER NOT NULL,
  acquired_at_ms INTEGER NOT NULL,
  heartbeat_at_ms INTEGER NOT NULL,
  released_at_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_account (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('wallet', 'platform')),
  posted_micros INTEGER NOT NULL,
  pending_micros INTEGER NOT NULL CHECK (pending_micros >= 0),
  credit_limit_micros INTEGER NOT NULL CHECK (credit_limit_micros >= 0),
  credit_approved_by TEXT REFERENCES account (id),
  overdraft_floor_micros INTEGER NOT NULL CHECK (overdraft_floor_micros >= 0),
  entry_seq INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL, waiters INTEGER NOT NULL DEFAULT 0 CHECK (waiters >= 0),
  CONSTRAINT never_below_the_floor CHECK (kind = 'platform' OR posted_micros - pending_micros >= -overdraft_floor_micros)
) STRICT;

CREATE TABLE limit_warning (
  scope TEXT NOT NULL,
  limit_name TEXT NOT NULL,
  period TEXT NOT NULL,
  size TEXT NOT NULL,
  threshold TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (scope, limit_name, period, size, threshold)
) STRICT, WITHOUT ROWID;

CREATE TABLE linked_chat (
  channel TEXT NOT NULL,
  conversation TEXT NOT NULL,
  team_id TEXT NOT NULL REFERENCES team (id),
  linked_by TEXT NOT NULL REFERENCES account (id),
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (channel, conversation)
) STRICT, WITHOUT ROWID;

CREATE TABLE mail_answers (
  address TEXT NOT NULL,
  hour INTEGER NOT NULL,
  answers INTEGER NOT NULL CHECK (answers > 0),
  PRIMARY KEY (address, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE mail_bounce (
  address TEXT PRIMARY KEY,
  is_hard INTEGER NOT NULL CHECK (is_hard IN (0, 1)),
  reason TEXT NOT NULL,
  count INTEGER NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE mail_cursor (
  mailbox TEXT PRIMARY KEY,
  uid_validity TEXT NOT NULL,
  uid INTEGER NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE mail_message (
  message_id TEXT PRIMARY KEY,
  thread_id TEXT NOT NULL REFERENCES mail_thread (id),
  is_ours INTEGER NOT NULL CHECK (is_ours IN (0, 1)),
  offers_json TEXT,
  is_sent INTEGER NOT NULL CHECK (is_sent IN (0, 1)),
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE mail_question (
  code_hash TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  address TEXT NOT NULL,
  mail_json TEXT NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  used_at_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE mail_seen (mark TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE mail_thread (
  id TEXT PRIMARY KEY,
  address TEXT NOT NULL,
  subject TEXT NOT NULL,
  refs_json TEXT NOT NULL,
  last_in TEXT,
  created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE membership (
  team_id TEXT NOT NULL REFERENCES team (id),
  account_id TEXT NOT NULL REFERENCES account (id),
  role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
  spending_cap_micros INTEGER CHECK (spending_cap_micros >= 0),
  can_invite INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (team_id, account_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE memory (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  text TEXT NOT NULL,
  saved_by TEXT NOT NULL,
  at_ms INTEGER NOT NULL
, outside TEXT) STRICT, WITHOUT ROWID;

CREATE TABLE migration (name TEXT NOT NULL PRIMARY KEY, at_ms INTEGER NOT NULL) STRICT;

CREATE TABLE model_call (
  id TEXT PRIMARY KEY,
  run_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  context TEXT NOT NULL,
  account_id TEXT NOT NULL,
  job_key TEXT NOT NULL,
  tool_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  connection TEXT,
  status TEXT NOT NULL CHECK (status IN ('begun', 'ended', 'failed', 'aborted')),
  error_code TEXT,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cached_input_tokens INTEGER NOT NULL,
  is_estimated INTEGER NOT NULL CHECK (is_estimated IN (0, 1)),
  cost_micros INTEGER NOT NULL CHECK (cost_micros >= 0),
  is_charged INTEGER NOT NULL CHECK (is_charged IN (0, 1)),
  began_at_ms INTEGER NOT NULL,
  ended_at_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE model_circuit (
  id TEXT PRIMARY KEY,
  breaker TEXT NOT NULL CHECK (breaker IN ('closed', 'open', 'half_open')),
  open_until_ms INTEGER NOT NULL,
  trial_until_ms INTEGER NOT NULL,
  failed_1_at_ms INTEGER NOT NULL,
  failed_2_at_ms INTEGER NOT NULL,
  failed_3_at_ms INTEGER NOT NULL,
  failed_4_at_ms INTEGER NOT NULL,
  failed_5_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE model_price (
  provider TEXT NOT NULL,
  connection TEXT NOT NULL,
  model TEXT NOT NULL,
  effective_at_ms INTEGER NOT NULL,
  input_micros INTEGER NOT NULL CHECK (input_micros >= 0),
  output_micros INTEGER NOT NULL CHECK (output_micros >= 0),
  cached_input_micros INTEGER NOT NULL CHECK (cached_input_micros >= 0),
  context_tokens INTEGER,
  output_tokens_max INTEGER,
  set_by TEXT,
  PRIMARY KEY (provider, connection, model, effective_at_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE notification (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  type TEXT NOT NULL,
  priority TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'urgent')),
  context TEXT NOT NULL,
  cause TEXT NOT NULL,
  text TEXT NOT NULL,
  parts_json TEXT,
  card_key TEXT,
  place_json TEXT,
  fold_key TEXT,
  state TEXT NOT NULL CHECK (state IN ('out', 'held', 'listed')),
  hold TEXT CHECK (hold IN ('quiet', 'digest')),
  due_at_ms INTEGER,
  created_at_ms INTEGER NOT NULL,
  read_at_ms INTEGER,
  CHECK ((state = 'held') = (hold IS NOT NULL)),
  CHECK ((state = 'held') = (due_at_ms IS NOT NULL))
) STRICT;

CREATE TABLE notification_delivery (
  notification_id TEXT NOT NULL REFERENCES notification (id) ON DELETE CASCADE,
  outbox_seq INTEGER NOT NULL,
  PRIMARY KEY (notification_id, outbox_seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE notification_setting (
  account_id TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
  settings_json TEXT NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY,
  channel TEXT NOT NULL,
  conversation TEXT NOT NULL,
  card_key TEXT,
  cause TEXT NOT NULL,
  reply_json TEXT,
  only_for TEXT,
  reply_to TEXT,
  hints_json TEXT,
  status TEXT NOT NULL CHECK (status = 'new' OR status = 'sending' OR status = 'sent' OR status = 'undelivered'),
  version INTEGER NOT NULL,
  sent_version INTEGER NOT NULL,
  content_hash TEXT,
  message_ref TEXT,
  tries INTEGER NOT NULL,
  not_before_ms INTEGER NOT NULL,
  last_error TEXT,
  created_at_ms INTEGER NOT NULL,
  sent_at_ms INTEGER
) STRICT;

CREATE TABLE password (
  account_id TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
  hash TEXT NOT NULL,
  changed_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE plan (
  schedule_id TEXT NOT NULL PRIMARY KEY REFERENCES schedule (id),
  context TEXT NOT NULL,
  settings_json TEXT NOT NULL,
  last_plan_json TEXT,
  troubles INTEGER NOT NULL CHECK (troubles >= 0),
  model_failures INTEGER NOT NULL CHECK (model_failures >= 0),
  model_rests_until_ms INTEGER NOT NULL,
  repeats INTEGER NOT NULL CHECK (repeats >= 0),
  fingerprint TEXT,
  noticed_code TEXT,
  noticed_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE plan_action (
  id TEXT NOT NULL PRIMARY KEY,
  schedule_id TEXT NOT NULL REFERENCES schedule (id),
  context TEXT NOT NULL,
  cycle_id TEXT NOT NULL,
  place INTEGER NOT NULL,
  action TEXT NOT NULL,
  details_json TEXT NOT NULL,
  same_key TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('applied', 'asked', 'declined', 'dropped')),
  reason TEXT,
  decided_by TEXT,
  created_at_ms INTEGER NOT NULL,
  decided_at_ms INTEGER,
  UNIQUE (cycle_id, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE plan_cycle (
  id TEXT NOT NULL PRIMARY KEY,
  schedule_id TEXT NOT NULL REFERENCES schedule (id),
  context TEXT NOT NULL,
  due_at_ms INTEGER NOT NULL,
  by_hand INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('planning', 'repairing', 'running', 'scheduling', 'done', 'failed')),
  run_id TEXT,
  known_json TEXT NOT NULL,
  plan_json TEXT,
  notes_json TEXT NOT NULL,
  outcome_json TEXT,
  advice_json TEXT,
  next_json TEXT,
  error_json TEXT,
  tokens INTEGER NOT NULL CHECK (tokens >= 0),
  cost_micros INTEGER NOT NULL CHECK (cost_micros >= 0),
  is_mock INTEGER NOT NULL,
  started_at_ms INTEGER NOT NULL,
  ended_at_ms INTEGER,
  UNIQUE (schedule_id, due_at_ms, by_hand),
  CHECK ((status IN ('done', 'failed')) = (ended_at_ms IS NOT NULL)),
  CHECK (ended_at_ms IS NOT NULL OR run_id IS NOT NULL)
) STRICT;

CREATE TABLE plan_hint (
  id TEXT NOT NULL PRIMARY KEY,
  schedule_id TEXT NOT NULL REFERENCES schedule (id),
  context TEXT NOT NULL,
  said_by TEXT NOT NULL CHECK (said_by IN ('person', 'model')),
  account_id TEXT,
  every_ms INTEGER CHECK (every_ms > 0),
  at_ms INTEGER,
  note TEXT,
  until_ms INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE plan_run (
  schedule_id TEXT NOT NULL REFERENCES schedule (id),
  due_at_ms INTEGER NOT NULL,
  by_hand INTEGER NOT NULL,
  stage TEXT NOT NULL CHECK (stage IN ('plan', 'repair', 'run', 'next')),
  run_id TEXT NOT NULL UNIQUE,
  held_micros INTEGER NOT NULL,
  is_open INTEGER NOT NULL,
  PRIMARY KEY (schedule_id, due_at_ms, by_hand, stage)
) STRICT, WITHOUT ROWID;

CREATE TABLE plan_source (
  schedule_id TEXT NOT NULL REFERENCES schedule (id),
  name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('ok', 'warned', 'disabled')),
  window_json TEXT NOT NULL,
  failed_in_a_row INTEGER NOT NULL,
  rests_until_ms INTEGER NOT NULL,
  last_called_at_ms INTEGER,
  changed_at_ms INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  PRIMARY KEY (schedule_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE policy (
  context TEXT PRIMARY KEY,
  document_json TEXT NOT NULL,
  version INTEGER NOT NULL,
  updated_by TEXT NOT NULL REFERENCES account (id),
  updated_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE price (
  tool_id TEXT NOT NULL,
  effective_at_ms INTEGER NOT NULL,
  unit TEXT NOT NULL,
  rate_micros INTEGER NOT NULL CHECK (rate_micros >= 0),
  max_micros INTEGER NOT NULL CHECK (max_micros >= 0),
  PRIMARY KEY (tool_id, effective_at_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE proposal (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  channel TEXT NOT NULL,
  conversation TEXT NOT NULL,
  only_for TEXT,
  context TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('asked', 'open', 'sure', 'done', 'dropped', 'void')),
  line TEXT,
  target TEXT CHECK (target IN ('command', 'job')),
  needs_sure INTEGER NOT NULL CHECK (needs_sure IN (0, 1)),
  run_id TEXT,
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  CHECK (state IN ('asked', 'void') OR (line IS NOT NULL AND target IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE provider (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  name TEXT NOT NULL,
  definition_json TEXT NOT NULL,
  rate_micros INTEGER CHECK (rate_micros >= 0),
  created_by TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
, sealed TEXT) STRICT;

CREATE TABLE refresh_token (
  hash TEXT NOT NULL PRIMARY KEY,
  session_id TEXT NOT NULL,
  generation INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE remembered_context (
  account_id TEXT NOT NULL REFERENCES account (id),
  channel TEXT NOT NULL,
  context TEXT NOT NULL,
  PRIMARY KEY (account_id, channel)
) STRICT, WITHOUT ROWID;

CREATE TABLE review (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  run_id TEXT NOT NULL REFERENCES run (id),
  root_run_id TEXT NOT NULL REFERENCES run (id),
  seq INTEGER NOT NULL,
  step_id TEXT NOT NULL,
  round INTEGER NOT NULL,
  title TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  kind TEXT NOT NULL CHECK (kind IN ('decide', 'choose', 'form')),
  prompt TEXT,
  terms_json TEXT NOT NULL,
  payload_json TEXT NOT NULL,
  payload_hash TEXT NOT NULL,
  needed INTEGER NOT NULL CHECK (needed >= 1),
  votes INTEGER NOT NULL CHECK (votes >= 0),
  status TEXT NOT NULL CHECK (status IN ('open', 'approved', 'rejected', 'changes_requested', 'expired')),
  outcome_json TEXT,
  closed_by TEXT REFERENCES account (id),
  closed_reason TEXT,
  stood_in_at_ms INTEGER,
  created_at_ms INTEGER NOT NULL,
  closed_at_ms INTEGER,
  CHECK ((status = 'open') = (closed_at_ms IS NULL))
) STRICT;

CREATE TABLE review_card (
  review_id TEXT NOT NULL REFERENCES review (id),
  channel TEXT NOT NULL,
  conversation TEXT NOT NULL,
  PRIMARY KEY (review_id, channel, conversation)
) STRICT, WITHOUT ROWID;

CREATE TABLE review_decision (
  review_id TEXT NOT NULL REFERENCES review (id),
  account_id TEXT NOT NULL REFERENCES account (id),
  decision TEXT NOT NULL CHECK (decision IN ('approve', 'reject', 'request_changes', 'choose', 'submit')),
  comment TEXT,
  answer_json TEXT,
  channel TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (review_id, account_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE review_reminder (
  review_id TEXT NOT NULL REFERENCES review (id),
  account_id TEXT NOT NULL REFERENCES account (id),
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (review_id, account_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE rule_answer (
  fire_id TEXT NOT NULL REFERENCES rule_fire (id),
  message_key TEXT NOT NULL,
  text TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (fire_id, message_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE rule_cursor (
  name TEXT NOT NULL PRIMARY KEY,
  seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE rule_fire (
  id TEXT NOT NULL PRIMARY KEY,
  rule_id TEXT NOT NULL REFERENCES command_rule (id),
  cause_key TEXT NOT NULL,
  account_id TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('said', 'answered', 'refused', 'stopped', 'capped')),
  event_seq INTEGER,
  event_type TEXT,
  chain_json TEXT NOT NULL,
  command TEXT NOT NULL,
  reason TEXT,
  at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE run (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  job_id TEXT,
  job_key TEXT NOT NULL,
  job_version INTEGER NOT NULL,
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
  estimate_micros INTEGER NOT NULL,
  max_micros INTEGER NOT NULL,
  held_micros INTEGER NOT NULL,
  cost_micros INTEGER NOT NULL,
  owed_micros INTEGER NOT NULL,
  holds INTEGER NOT NULL,
  parent_run_id TEXT,
  parent_seq INTEGER,
  depth INTEGER NOT NULL,
  cancel_reason TEXT,
  idempotency_key TEXT,
  request_hash TEXT,
  created_at_ms INTEGER NOT NULL,
  started_at_ms INTEGER,
  finished_at_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE run_step (
  run_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  step_id TEXT NOT NULL,
  parent_seq INTEGER,
  item_index INTEGER,
  status TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  starts INTEGER NOT NULL,
  wait_for TEXT,
  wake_at_ms INTEGER,
  pending_output_json TEXT,
  output_json TEXT,
  error_json TEXT,
  cost_micros INTEGER NOT NULL,
  child_run_id TEXT,
  started_at_ms INTEGER,
  finished_at_ms INTEGER,
  PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE "schedule" (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  job_key TEXT NOT NULL,
  inputs_json TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('cron', 'interval', 'once', 'planned')),
  cron TEXT,
  every_ms INTEGER CHECK (every_ms > 0),
  at_ms INTEGER,
  time_zone TEXT NOT NULL,
  missed_policy TEXT NOT NULL CHECK (missed_policy IN ('skip', 'once', 'all')),
  missed_max INTEGER NOT NULL CHECK (missed_max > 0),
  budget_micros INTEGER CHECK (budget_micros >= 0),
  committed_micros INTEGER NOT NULL CHECK (committed_micros >= 0),
  expires_at_ms INTEGER,
  max_runs INTEGER,
  runs INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'paused', 'ended', 'removed')),
  status_reason TEXT,
  paused_until_ms INTEGER,
  catch_up_until_ms INTEGER NOT NULL,
  next_at_ms INTEGER,
  refused_code TEXT,
  noticed_at_ms INTEGER NOT NULL,
  channel TEXT NOT NULL,
  conversation TEXT,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  CHECK (runs >= 0 AND (max_runs IS NULL OR runs <= max_runs)),
  CHECK ((status = 'active') = (next_at_ms IS NOT NULL))
) STRICT;

CREATE TABLE schedule_fire (
  schedule_id TEXT NOT NULL REFERENCES schedule (id),
  due_at_ms INTEGER NOT NULL,
  by_hand INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('started', 'skipped', 'missed')),
  run_id TEXT,
  reason_code TEXT,
  reason TEXT,
  until_ms INTEGER,
  at_ms INTEGER NOT NULL,
  held_micros INTEGER NOT NULL,
  is_open INTEGER NOT NULL,
  PRIMARY KEY (schedule_id, due_at_ms, by_hand),
  CHECK ((status = 'started') = (run_id IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE secret_code (
  hash TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  account_id TEXT REFERENCES account (id),
  payload_json TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  used_at_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  hash TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL
, id TEXT, way TEXT NOT NULL DEFAULT 'before', agent TEXT NOT NULL DEFAULT '', seen_at_ms INTEGER NOT NULL DEFAULT 0, generation INTEGER, refreshed_at_ms INTEGER) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
  key TEXT NOT NULL PRIMARY KEY,
  value_json TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE signing_secret (
  context TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version > 1),
  created_by TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (context, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE task (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN (
    'queued', 'claimed', 'in_progress', 'review', 'changes_requested', 'approved', 'merging', 'done', 'blocked', 'failed',
    'abandoned'
  )),
  priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 100),
  labels_json TEXT NOT NULL,
  criteria_json TEXT NOT NULL,
  definition_json TEXT NOT NULL,
  needs_json TEXT NOT NULL,
  dependencies_json TEXT NOT NULL,
  blockers_json TEXT NOT NULL,
  blocker_words INTEGER NOT NULL CHECK (blocker_words >= 0),
  assignee TEXT,
  doers_json TEXT NOT NULL,
  executor_tool TEXT,
  executor_inputs_json TEXT,
  result_json TEXT,
  external_ids_json TEXT NOT NULL,
  attempts INTEGER NOT NULL CHECK (attempts >= 0),
  created_by TEXT NOT NULL REFERENCES account (id),
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  status_at_ms INTEGER NOT NULL,
  nudged_at_ms INTEGER,
  version INTEGER NOT NULL CHECK (version >= 1),
  CHECK ((executor_tool IS NULL) = (executor_inputs_json IS NULL))
) STRICT;

CREATE TABLE task_link (
  task_id TEXT NOT NULL REFERENCES task (id),
  on_id TEXT NOT NULL REFERENCES task (id),
  PRIMARY KEY (task_id, on_id),
  CHECK (task_id <> on_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE task_template (
  context TEXT NOT NULL,
  name TEXT NOT NULL,
  fields_json TEXT NOT NULL,
  saved_by TEXT NOT NULL REFERENCES account (id),
  saved_at_ms INTEGER NOT NULL,
  PRIMARY KEY (context, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE task_work (
  task_id TEXT PRIMARY KEY REFERENCES task (id),
  agent_id TEXT NOT NULL REFERENCES agent (id),
  account_id TEXT NOT NULL REFERENCES account (id),
  channel TEXT NOT NULL,
  conversation TEXT,
  phase TEXT NOT NULL CHECK (phase IN ('work', 'check', 'review', 'merge')),
  round INTEGER NOT NULL,
  run_id TEXT,
  comment TEXT,
  verdicts_json TEXT NOT NULL,
  effects_json TEXT NOT NULL,
  cost_micros INTEGER NOT NULL CHECK (cost_micros >= 0),
  error TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE team (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  monthly_cap_micros INTEGER CHECK (monthly_cap_micros >= 0),
  max_runs_per_month INTEGER CHECK (max_runs_per_month >= 0),
  max_members INTEGER CHECK (max_members >= 1),
  confirm_above_micros INTEGER CHECK (confirm_above_micros >= 0),
  settings_json TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  deleted_at_ms INTEGER
, max_runs_at_once INTEGER) STRICT;

CREATE TABLE tool_default (
  context TEXT NOT NULL,
  tool_id TEXT NOT NULL,
  inputs_json TEXT NOT NULL,
  PRIMARY KEY (context, tool_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE transfer (
  id TEXT NOT NULL PRIMARY KEY,
  debit TEXT NOT NULL REFERENCES ledger_account (id),
  credit TEXT NOT NULL REFERENCES ledger_account (id),
  amount_micros INTEGER NOT NULL CHECK (amount_micros > 0),
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
  at_ms INTEGER NOT NULL,
  CHECK (debit <> credit)
) STRICT, WITHOUT ROWID;

CREATE TABLE trigger_delivery (
  id TEXT NOT NULL PRIMARY KEY,
  trigger_id TEXT NOT NULL REFERENCES webhook_trigger (id),
  delivery_key TEXT NOT NULL,
  external_id TEXT,
  status TEXT NOT NULL CHECK (status IN ('accepted', 'started', 'refused', 'ignored')),
  received_at_ms INTEGER NOT NULL,
  settled_at_ms INTEGER,
  payload_json TEXT,
  size_bytes INTEGER NOT NULL,
  replay_of TEXT,
  replayed_by TEXT,
  run_id TEXT,
  reason_code TEXT,
  reason TEXT,
  held_micros INTEGER NOT NULL,
  is_open INTEGER NOT NULL,
  CHECK ((status = 'started') = (run_id IS NOT NULL)),
  CHECK ((status = 'accepted') = (settled_at_ms IS NULL))
) STRICT;

CREATE TABLE trigger_secret (
  id TEXT NOT NULL PRIMARY KEY,
  trigger_id TEXT NOT NULL REFERENCES webhook_trigger (id),
  context TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version > 0),
  sealed TEXT NOT NULL,
  valid_until_ms INTEGER
) STRICT;

CREATE TABLE usage_counter (
  scope TEXT NOT NULL,
  period TEXT NOT NULL,
  used_micros INTEGER NOT NULL CHECK (used_micros >= 0),
  runs INTEGER NOT NULL CHECK (runs >= 0),
  PRIMARY KEY (scope, period)
) STRICT, WITHOUT ROWID;

CREATE TABLE variant (
  id TEXT NOT NULL PRIMARY KEY,
  run_id TEXT NOT NULL,
  source_run_id TEXT NOT NULL,
  revision INTEGER NOT NULL CHECK (revision >= 1),
  outputs_json TEXT,
  edited_by TEXT,
  edited_at_ms INTEGER,
  accepted_at_ms INTEGER,
  created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE variant_choice (
  run_id TEXT NOT NULL PRIMARY KEY REFERENCES run (id),
  variant_id TEXT NOT NULL REFERENCES variant (id),
  revision INTEGER NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  channel TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE variant_revision (
  variant_id TEXT NOT NULL REFERENCES variant (id),
  revision INTEGER NOT NULL,
  outputs_json TEXT NOT NULL,
  account_id TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (variant_id, revision)
) STRICT, WITHOUT ROWID;

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
  version INTEGER NOT NULL CHECK (version > 0),
  hint TEXT NOT NULL,
  budget_micros INTEGER CHECK (budget_micros >= 0),
  committed_micros INTEGER NOT NULL CHECK (committed_micros >= 0),
  rate_per_minute INTEGER NOT NULL CHECK (rate_per_minute > 0),
  window_ms INTEGER NOT NULL,
  window_count INTEGER NOT NULL,
  capped_at_ms INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'paused', 'removed')),
  refused_code TEXT,
  refused_reason TEXT,
  refused_at_ms INTEGER,
  noticed_at_ms INTEGER NOT NULL,
  last_at_ms INTEGER,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  rotated_at_ms INTEGER
) STRICT;

CREATE TABLE work_item (
  key TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  run_at_ms INTEGER NOT NULL,
  fair_group TEXT NOT NULL,
  token TEXT,
  lease_until_ms INTEGER NOT NULL,
  dirty INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX allowance_age ON allowance (ends_at_ms);

CREATE INDEX api_key_account ON api_key (account_id);

CREATE INDEX artifact_run ON artifact (run_id) WHERE run_id IS NOT NULL;

CREATE INDEX board_lease_held ON board_lease (context, id) WHERE released_at_ms IS NULL;

CREATE INDEX budget_raise_in_force ON budget_raise (scope, limit_name, until_ms);

CREATE INDEX budget_request_of_context ON budget_request (context, id);

CREATE UNIQUE INDEX budget_request_open ON budget_request (run_id) WHERE status = 'open' AND run_id IS NOT NULL;

CREATE INDEX callback_run ON callback (run_id);

CREATE UNIQUE INDEX callback_token ON callback (token_hash);

CREATE INDEX chat_message_cause ON chat_message (cause);

CREATE UNIQUE INDEX chat_message_change ON chat_message (conversation, change_seq);

CREATE INDEX chat_message_time ON chat_message (conversation, at_ms, change_seq);

CREATE INDEX command_rule_due ON command_rule (next_at_ms) WHERE next_at_ms IS NOT NULL;

CREATE INDEX command_rule_listening ON command_rule (id) WHERE status = 'active' AND filter_json IS NOT NULL;

CREATE INDEX command_rule_of_context ON command_rule (context, id) WHERE status <> 'removed';

CREATE UNIQUE INDEX connection_name ON connection (context, name);

CREATE INDEX email_claim_of_account ON email_claim (account_id);

CREATE UNIQUE INDEX endpoint_name ON endpoint (context, name);

CREATE INDEX event_subject ON event (subject, seq);

CREATE INDEX form_expiring ON form (expires_at_ms) WHERE status = 'open';

CREATE UNIQUE INDEX form_open ON form (account_id, channel, conversation) WHERE status = 'open';

CREATE INDEX funds_wait_in_line ON funds_wait (context, created_at_ms, run_id) WHERE state = 'waiting';

CREATE INDEX funds_wait_of_person ON funds_wait (account_id) WHERE state = 'waiting';

CREATE INDEX idempotency_age ON idempotency (created_at_ms);

CREATE INDEX identity_account ON identity (account_id);

CREATE INDEX inbox_new ON inbox (channel, conversation, seq) WHERE status = 'new';

CREATE INDEX invitation_team ON invitation (team_id);

CREATE UNIQUE INDEX job_in_context ON job (context, job_key) WHERE deleted_at_ms IS NULL;

CREATE INDEX job_public ON job (job_key) WHERE visibility = 'public' AND deleted_at_ms IS NULL;

CREATE INDEX mail_message_of_thread ON mail_message (thread_id);

CREATE INDEX membership_account ON membership (account_id);

CREATE UNIQUE INDEX membership_one_owner ON membership (team_id) WHERE role = 'owner';

CREATE INDEX memory_by_owner ON memory (owner, at_ms, id);

CREATE INDEX model_call_run ON model_call (run_id, seq);

CREATE INDEX model_call_usage ON model_call (context, began_at_ms);

CREATE INDEX notification_age ON notification (created_at_ms);

CREATE INDEX notification_card ON notification (card_key) WHERE card_key IS NOT NULL;

CREATE INDEX notification_fold ON notification (account_id, fold_key, created_at_ms) WHERE fold_key IS NOT NULL;

CREATE INDEX notification_held ON notification (account_id, due_at_ms) WHERE state = 'held';

CREATE INDEX notification_of_account ON notification (account_id, id);

CREATE INDEX notification_unread ON notification (account_id, id) WHERE read_at_ms IS NULL;

CREATE UNIQUE INDEX outbox_card ON outbox (channel, conversation, card_key) WHERE card_key IS NOT NULL;

CREATE INDEX outbox_waiting ON outbox (channel, conversation, seq) WHERE status IN ('new', 'sending');

CREATE INDEX plan_action_of_schedule ON plan_action (schedule_id, id);

CREATE UNIQUE INDEX plan_cycle_live ON plan_cycle (schedule_id) WHERE ended_at_ms IS NULL;

CREATE INDEX plan_cycle_of_schedule ON plan_cycle (schedule_id, started_at_ms);

CREATE INDEX plan_hint_of_schedule ON plan_hint (schedule_id, until_ms);

CREATE INDEX plan_run_open ON plan_run (schedule_id) WHERE is_open = 1;

CREATE INDEX proposal_old ON proposal (expires_at_ms);

CREATE UNIQUE INDEX provider_name ON provider (context, name);

CREATE INDEX refresh_token_of_session ON refresh_token (session_id);

CREATE INDEX review_in_context ON review (context, id);

CREATE INDEX review_open ON review (context) WHERE status = 'open';

CREATE INDEX review_root ON review (root_run_id);

CREATE UNIQUE INDEX review_round ON review (run_id, seq, round);

CREATE INDEX rule_fire_age ON rule_fire (at_ms);

CREATE INDEX rule_fire_newest ON rule_fire (rule_id, id);

CREATE UNIQUE INDEX rule_fire_once ON rule_fire (rule_id, cause_key);

CREATE INDEX run_children ON run (parent_run_id) WHERE parent_run_id IS NOT NULL;

CREATE INDEX run_live ON run (context) WHERE finished_at_ms IS NULL;

CREATE INDEX run_of_context ON run (context, id);

CREATE UNIQUE INDEX run_once ON run (idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE INDEX schedule_due ON schedule (next_at_ms) WHERE next_at_ms IS NOT NULL;

CREATE INDEX schedule_fire_open ON schedule_fire (schedule_id) WHERE is_open = 1;

CREATE INDEX schedule_of_context ON schedule (context, id) WHERE status <> 'removed';

CREATE UNIQUE INDEX session_id ON session (id);

CREATE INDEX session_of_account ON session (account_id);

CREATE INDEX task_in_hand ON task (status_at_ms) WHERE status IN ('claimed', 'in_progress', 'changes_requested');

CREATE INDEX task_link_on ON task_link (on_id);

CREATE INDEX task_live ON task (context, status, priority) WHERE status NOT IN ('done', 'abandoned');

CREATE INDEX task_of_context ON task (context, id);

CREATE INDEX task_work_by_agent ON task_work (agent_id);

CREATE UNIQUE INDEX transfer_once ON transfer (idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE UNIQUE INDEX transfer_resolved_once ON transfer (pending_id) WHERE pending_id IS NOT NULL;

CREATE INDEX transfer_reverses ON transfer (reverses_id) WHERE reverses_id IS NOT NULL;

CREATE INDEX trigger_delivery_age ON trigger_delivery (received_at_ms);

CREATE UNIQUE INDEX trigger_delivery_key ON trigger_delivery (trigger_id, delivery_key);

CREATE INDEX trigger_delivery_newest ON trigger_delivery (trigger_id, id);

CREATE INDEX trigger_delivery_open ON trigger_delivery (trigger_id) WHERE is_open = 1;

CREATE UNIQUE INDEX trigger_secret_version ON trigger_secret (trigger_id, version);

CREATE INDEX variant_of_run ON variant (run_id);

CREATE INDEX webhook_trigger_of_context ON webhook_trigger (context, id) WHERE status <> 'removed';

CREATE INDEX work_item_due ON work_item (kind, run_at_ms) WHERE token IS NULL;

CREATE INDEX work_item_leased ON work_item (lease_until_ms) WHERE token IS NOT NULL;

CREATE INDEX work_item_turns ON work_item (fair_group, run_at_ms) WHERE kind = 'run' AND token IS NULL;

CREATE TABLE account (
  id text NOT NULL,
  handle text NOT NULL,
  display_name text NOT NULL,
  platform_role text NOT NULL,
  time_zone text NOT NULL,
  monthly_cap_micros bigint,
  confirm_above_micros bigint,
  created_at_ms bigint NOT NULL,
  disabled_at_ms bigint
);

CREATE TABLE agent (
  id text NOT NULL,
  context text NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  status text NOT NULL,
  profile_json text NOT NULL,
  version bigint NOT NULL,
  hired_by text NOT NULL,
  hired_at_ms bigint NOT NULL,
  seen_at_ms bigint
);

CREATE TABLE agent_turn (
  run_id text NOT NULL,
  seq bigint NOT NULL,
  attempt_group bigint NOT NULL,
  turn bigint NOT NULL,
  kind text NOT NULL,
  is_tainted bigint NOT NULL,
  cost_micros bigint NOT NULL,
  is_charged bigint NOT NULL,
  took_ms bigint NOT NULL,
  at_ms bigint NOT NULL,
  json text NOT NULL
);

CREATE TABLE allowance (
  whose text NOT NULL,
  taken bigint NOT NULL,
  granted bigint NOT NULL,
  ends_at_ms bigint NOT NULL
);

CREATE TABLE api_key (
  id text NOT NULL,
  account_id text NOT NULL,
  name text NOT NULL,
  hash text NOT NULL,
  hint text NOT NULL,
  scopes_json text NOT NULL,
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint,
  revoked_at_ms bigint,
  last_used_at_ms bigint
);

CREATE TABLE artifact (
  id text NOT NULL,
  context text NOT NULL,
  account_id text NOT NULL,
  run_id text,
  name text NOT NULL,
  media_type text NOT NULL,
  size_bytes bigint NOT NULL,
  sha256 text NOT NULL,
  created_at_ms bigint NOT NULL
);

CREATE TABLE artifact_blob (
  sha256 text NOT NULL,
  bytes bytea NOT NULL
);

CREATE TABLE artifact_blob_piece (
  sha256 text NOT NULL,
  piece bigint NOT NULL,
  bytes bytea NOT NULL
);

CREATE TABLE board_lease (
  id text NOT NULL,
  context text NOT NULL,
  resource text NOT NULL,
  purpose text NOT NULL,
  holder text NOT NULL,
  epoch bigint NOT NULL,
  ttl_ms bigint NOT NULL,
  acquired_at_ms bigint NOT NULL,
  heartbeat_at_ms bigint NOT NULL,
  released_at_ms bigint
);

CREATE TABLE budget (
  id text NOT NULL,
  context text NOT NULL,
  subject text NOT NULL,
  period text NOT NULL,
  limit_micros bigint NOT NULL,
  warn_percent bigint NOT NULL,
  is_stop bigint NOT NULL,
  version bigint NOT NULL,
  created_by text NOT NULL,
  created_at_ms bigint NOT NULL,
  updated_at_ms bigint NOT NULL
);

CREATE TABLE budget_raise (
  id text NOT NULL,
  request_id text NOT NULL,
  scope text NOT NULL,
  limit_name text NOT NULL,
  amount_micros bigint NOT NULL,
  runs bigint NOT NULL,
  granted_by text NOT NULL,
  created_at_ms bigint NOT NULL,
  until_ms bigint NOT NULL
);

CREATE TABLE budget_request (
  id text NOT NULL,
  context text NOT NULL,
  account_id text NOT NULL,
  run_id text,
  limit_name text NOT NULL,
  scope text NOT NULL,
  amount_micros bigint NOT NULL,
  runs bigint NOT NULL,
  reason text,
  until_ms bigint NOT NULL,
  status text NOT NULL,
  told_json text NOT NULL,
  decided_by text,
  decision_reason text,
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  decided_at_ms bigint
);

CREATE TABLE budget_use (
  hold_id text NOT NULL,
  budget_id text NOT NULL,
  period text NOT NULL,
  amount_micros bigint NOT NULL
);

CREATE TABLE button (
  token text NOT NULL,
  command text NOT NULL,
  once bigint NOT NULL,
  created_at_ms bigint NOT NULL,
  used_by text,
  used_at_ms bigint
);

CREATE TABLE callback (
  key text NOT NULL,
  token_hash text NOT NULL,
  run_id text NOT NULL,
  seq bigint NOT NULL,
  context text NOT NULL,
  provider_json text NOT NULL,
  state text NOT NULL,
  provider_run_id text,
  outcome_json text,
  body_hash text,
  polls bigint NOT NULL,
  next_poll_at_ms bigint,
  created_at_ms bigint NOT NULL,
  received_at_ms bigint,
  sealed text
);

CREATE TABLE chat_message (
  id text NOT NULL,
  conversation text NOT NULL,
  change_seq bigint NOT NULL,
  author text NOT NULL,
  cause text NOT NULL,
  parts_json text NOT NULL,
  at_ms bigint NOT NULL,
  edited_at_ms bigint
);

CREATE TABLE command_rule (
  id text NOT NULL,
  context text NOT NULL,
  account_id text NOT NULL,
  name text NOT NULL,
  command text NOT NULL,
  filter_json text,
  rhythm_json text,
  rate_per_hour bigint NOT NULL,
  window_ms bigint NOT NULL,
  window_count bigint NOT NULL,
  since_seq bigint NOT NULL,
  next_at_ms bigint,
  status text NOT NULL,
  status_reason text,
  fires bigint NOT NULL,
  last_at_ms bigint,
  created_at_ms bigint NOT NULL,
  updated_at_ms bigint NOT NULL
);

CREATE TABLE connection (
  id text NOT NULL,
  context text NOT NULL,
  name text NOT NULL,
  provider text NOT NULL,
  settings_json text NOT NULL,
  sealed text NOT NULL,
  version bigint NOT NULL,
  hint text NOT NULL,
  created_by text NOT NULL,
  created_at_ms bigint NOT NULL,
  rotated_at_ms bigint,
  tested_at_ms bigint,
  test_json text
);

CREATE TABLE conversation (
  channel text NOT NULL,
  id text NOT NULL,
  change_seq bigint NOT NULL
);

CREATE TABLE email_claim (
  address text NOT NULL,
  account_id text NOT NULL,
  created_at_ms bigint NOT NULL
);

CREATE TABLE endpoint (
  id text NOT NULL,
  context text NOT NULL,
  name text NOT NULL,
  definition_json text NOT NULL,
  created_by text NOT NULL,
  created_at_ms bigint NOT NULL,
  updated_at_ms bigint NOT NULL,
  breaker text NOT NULL,
  open_until_ms bigint NOT NULL,
  trial_until_ms bigint NOT NULL,
  failed_1_at_ms bigint NOT NULL,
  failed_2_at_ms bigint NOT NULL,
  failed_3_at_ms bigint NOT NULL,
  failed_4_at_ms bigint NOT NULL,
  failed_5_at_ms bigint NOT NULL,
  sealed text
);

CREATE TABLE entry (
  account_id text NOT NULL,
  seq bigint NOT NULL,
  transfer_id text NOT NULL,
  amount_micros bigint NOT NULL,
  balance_after_micros bigint NOT NULL
);

CREATE TABLE event (
  seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  at_ms bigint NOT NULL,
  type text NOT NULL,
  actor text NOT NULL,
  context text,
  subject text NOT NULL,
  details_json text NOT NULL
);

CREATE TABLE form (
  id text NOT NULL,
  account_id text NOT NULL,
  channel text NOT NULL,
  conversation text NOT NULL,
  purpose_json text NOT NULL,
  terms_json text NOT NULL,
  answers_json text NOT NULL,
  turns_json text NOT NULL,
  status text NOT NULL,
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL
);

CREATE TABLE funds_wait (
  run_id text NOT NULL,
  context text NOT NULL,
  account_id text NOT NULL,
  state text NOT NULL,
  is_start bigint NOT NULL,
  amount_micros bigint NOT NULL,
  runs bigint NOT NULL,
  limit_name text NOT NULL,
  shortage_json text NOT NULL,
  accepted_json text,
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  ended_at_ms bigint
);

CREATE TABLE idempotency (
  key text NOT NULL,
  request_hash text NOT NULL,
  response_json text NOT NULL,
  created_at_ms bigint NOT NULL
);

CREATE TABLE identity (
  channel text NOT NULL,
  external_id text NOT NULL,
  account_id text NOT NULL,
  name text NOT NULL,
  private_conversation text,
  created_at_ms bigint NOT NULL
);

CREATE TABLE inbox (
  seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  channel text NOT NULL,
  delivery_id text NOT NULL,
  conversation text NOT NULL,
  payload_json text NOT NULL,
  status text NOT NULL,
  tries bigint NOT NULL,
  received_at_ms bigint NOT NULL,
  handled_at_ms bigint
);

CREATE TABLE invitation (
  id text NOT NULL,
  team_id text NOT NULL,
  code_hash text NOT NULL,
  role text NOT NULL,
  invitee text,
  invited_by text NOT NULL,
  status text NOT NULL,
  decided_by text,
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  decided_at_ms bigint
);

CREATE TABLE job (
  id text NOT NULL,
  context text NOT NULL,
  job_key text NOT NULL,
  version bigint NOT NULL,
  status text NOT NULL,
  visibility text NOT NULL,
  created_by text NOT NULL,
  created_at_ms bigint NOT NULL,
  updated_at_ms bigint NOT NULL,
  deleted_at_ms bigint
);

CREATE TABLE job_version (
  job_id text NOT NULL,
  version bigint NOT NULL,
  definition_json text NOT NULL,
  created_by text NOT NULL,
  created_at_ms bigint NOT NULL
);

CREATE TABLE lease (
  resource text NOT NULL,
  holder text NOT NULL,
  purpose text NOT NULL,
  epoch bigint NOT NULL,
  ttl_ms bigint NOT NULL,
  acquired_at_ms bigint NOT NULL,
  heartbeat_at_ms bigint NOT NULL,
  released_at_ms bigint
);

CREATE TABLE ledger_account (
  id text NOT NULL,
  kind text NOT NULL,
  posted_micros bigint NOT NULL,
  pending_micros bigint NOT NULL,
  credit_limit_micros bigint NOT NULL,
  credit_approved_by text,
  overdraft_floor_micros bigint NOT NULL,
  entry_seq bigint NOT NULL,
  created_at_ms bigint NOT NULL,
  waiters bigint NOT NULL
);

CREATE TABLE limit_warning (
  scope text NOT NULL,
  limit_name text NOT NULL,
  period text NOT NULL,
  size text NOT NULL,
  threshold text NOT NULL,
  at_ms bigint NOT NULL
);

CREATE TABLE linked_chat (
  channel text NOT NULL,
  conversation text NOT NULL,
  team_id text NOT NULL,
  linked_by text NOT NULL,
  created_at_ms bigint NOT NULL
);

CREATE TABLE mail_answers (
  address text NOT NULL,
  hour bigint NOT NULL,
  answers bigint NOT NULL
);

CREATE TABLE mail_bounce (
  address text NOT NULL,
  is_hard bigint NOT NULL,
  reason text NOT NULL,
  count bigint NOT NULL,
  at_ms bigint NOT NULL
);

CREATE TABLE mail_cursor (
  mailbox text NOT NULL,
  uid_validity text NOT NULL,
  uid bigint NOT NULL,
  at_ms bigint NOT NULL
);

CREATE TABLE mail_message (
  message_id text NOT NULL,
  thread_id text NOT NULL,
  is_ours bigint NOT NULL,
  offers_json text,
  is_sent bigint NOT NULL,
  at_ms bigint NOT NULL
);

CREATE TABLE mail_question (
  code_hash text NOT NULL,
  account_id text NOT NULL,
  address text NOT NULL,
  mail_json text NOT NULL,
  expires_at_ms bigint NOT NULL,
  used_at_ms bigint
);

CREATE TABLE mail_seen (
  mark text NOT NULL,
  at_ms bigint NOT NULL
);

CREATE TABLE mail_thread (
  id text NOT NULL,
  address text NOT NULL,
  subject text NOT NULL,
  refs_json text NOT NULL,
  last_in text,
  created_at_ms bigint NOT NULL
);

CREATE TABLE membership (
  team_id text NOT NULL,
  account_id text NOT NULL,
  role text NOT NULL,
  spending_cap_micros bigint,
  can_invite bigint NOT NULL,
  created_at_ms bigint NOT NULL
);

CREATE TABLE memory (
  id text NOT NULL,
  owner text NOT NULL,
  text text NOT NULL,
  saved_by text NOT NULL,
  at_ms bigint NOT NULL,
  outside text
);

CREATE TABLE migration (
  name text NOT NULL,
  at_ms bigint NOT NULL
);

CREATE TABLE model_call (
  id text NOT NULL,
  run_id text NOT NULL,
  seq bigint NOT NULL,
  attempt bigint NOT NULL,
  context text NOT NULL,
  account_id text NOT NULL,
  job_key text NOT NULL,
  tool_id text NOT NULL,
  provider text NOT NULL,
  model text NOT NULL,
  connection text,
  status text NOT NULL,
  error_code text,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cached_input_tokens bigint NOT NULL,
  is_estimated bigint NOT NULL,
  cost_micros bigint NOT NULL,
  is_charged bigint NOT NULL,
  began_at_ms bigint NOT NULL,
  ended_at_ms bigint
);

CREATE TABLE model_circuit (
  id text NOT NULL,
  breaker text NOT NULL,
  open_until_ms bigint NOT NULL,
  trial_until_ms bigint NOT NULL,
  failed_1_at_ms bigint NOT NULL,
  failed_2_at_ms bigint NOT NULL,
  failed_3_at_ms bigint NOT NULL,
  failed_4_at_ms bigint NOT NULL,
  failed_5_at_ms bigint NOT NULL
);

CREATE TABLE model_price (
  provider text NOT NULL,
  connection text NOT NULL,
  model text NOT NULL,
  effective_at_ms bigint NOT NULL,
  input_micros bigint NOT NULL,
  output_micros bigint NOT NULL,
  cached_input_micros bigint NOT NULL,
  context_tokens bigint,
  output_tokens_max bigint,
  set_by text
);

CREATE TABLE notification (
  id text NOT NULL,
  account_id text NOT NULL,
  type text NOT NULL,
  priority text NOT NULL,
  context text NOT NULL,
  cause text NOT NULL,
  text text NOT NULL,
  parts_json text,
  card_key text,
  place_json text,
  fold_key text,
  state text NOT NULL,
  hold text,
  due_at_ms bigint,
  created_at_ms bigint NOT NULL,
  read_at_ms bigint
);

CREATE TABLE notification_delivery (
  notification_id text NOT NULL,
  outbox_seq bigint NOT NULL
);

CREATE TABLE notification_setting (
  account_id text NOT NULL,
  settings_json text NOT NULL,
  updated_at_ms bigint NOT NULL
);

CREATE TABLE outbox (
  seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  channel text NOT NULL,
  conversation text NOT NULL,
  card_key text,
  cause text NOT NULL,
  reply_json text,
  only_for text,
  reply_to text,
  hints_json text,
  status text NOT NULL,
  version bigint NOT NULL,
  sent_version bigint NOT NULL,
  content_hash text,
  message_ref text,
  tries bigint NOT NULL,
  not_before_ms bigint NOT NULL,
  last_error text,
  created_at_ms bigint NOT NULL,
  sent_at_ms bigint
);

CREATE TABLE password (
  account_id text NOT NULL,
  hash text NOT NULL,
  changed_at_ms bigint NOT NULL
);

CREATE TABLE plan (
  schedule_id text NOT NULL,
  context text NOT NULL,
  settings_json text NOT NULL,
  last_plan_json text,
  troubles bigint NOT NULL,
  model_failures bigint NOT NULL,
  model_rests_until_ms bigint NOT NULL,
  repeats bigint NOT NULL,
  fingerprint text,
  noticed_code text,
  noticed_at_ms bigint NOT NULL,
  updated_at_ms bigint NOT NULL
);

CREATE TABLE plan_action (
  id text NOT NULL,
  schedule_id text NOT NULL,
  context text NOT NULL,
  cycle_id text NOT NULL,
  place bigint NOT NULL,
  action text NOT NULL,
  details_json text NOT NULL,
  same_key text NOT NULL,
  status text NOT NULL,
  reason text,
  decided_by text,
  created_at_ms bigint NOT NULL,
  decided_at_ms bigint
);

CREATE TABLE plan_cycle (
  id text NOT NULL,
  schedule_id text NOT NULL,
  context text NOT NULL,
  due_at_ms bigint NOT NULL,
  by_hand bigint NOT NULL,
  status text NOT NULL,
  run_id text,
  known_json text NOT NULL,
  plan_json text,
  notes_json text NOT NULL,
  outcome_json text,
  advice_json text,
  next_json text,
  error_json text,
  tokens bigint NOT NULL,
  cost_micros bigint NOT NULL,
  is_mock bigint NOT NULL,
  started_at_ms bigint NOT NULL,
  ended_at_ms bigint
);

CREATE TABLE plan_hint (
  id text NOT NULL,
  schedule_id text NOT NULL,
  context text NOT NULL,
  said_by text NOT NULL,
  account_id text,
  every_ms bigint,
  at_ms bigint,
  note text,
  until_ms bigint NOT NULL,
  created_at_ms bigint NOT NULL
);

CREATE TABLE plan_run (
  schedule_id text NOT NULL,
  due_at_ms bigint NOT NULL,
  by_hand bigint NOT NULL,
  stage text NOT NULL,
  run_id text NOT NULL,
  held_micros bigint NOT NULL,
  is_open bigint NOT NULL
);

CREATE TABLE plan_source (
  schedule_id text NOT NULL,
  name text NOT NULL,
  state text NOT NULL,
  window_json text NOT NULL,
  failed_in_a_row bigint NOT NULL,
  rests_until_ms bigint NOT NULL,
  last_called_at_ms bigint,
  changed_at_ms bigint NOT NULL,
  changed_by text NOT NULL
);

CREATE TABLE policy (
  context text NOT NULL,
  document_json text NOT NULL,
  version bigint NOT NULL,
  updated_by text NOT NULL,
  updated_at_ms bigint NOT NULL
);

CREATE TABLE price (
  tool_id text NOT NULL,
  effective_at_ms bigint NOT NULL,
  unit text NOT NULL,
  rate_micros bigint NOT NULL,
  max_micros bigint NOT NULL
);

CREATE TABLE proposal (
  id text NOT NULL,
  account_id text NOT NULL,
  channel text NOT NULL,
  conversation text NOT NULL,
  only_for text,
  context text NOT NULL,
  state text NOT NULL,
  line text,
  target text,
  needs_sure bigint NOT NULL,
  run_id text,
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL
);

CREATE TABLE provider (
  id text NOT NULL,
  context text NOT NULL,
  name text NOT NULL,
  definition_json text NOT NULL,
  rate_micros bigint,
  created_by text NOT NULL,
  created_at_ms bigint NOT NULL,
  updated_at_ms bigint NOT NULL,
  sealed text
);

CREATE TABLE refresh_token (
  hash text NOT NULL,
  session_id text NOT NULL,
  generation bigint NOT NULL,
  created_at_ms bigint NOT NULL
);

CREATE TABLE remembered_context (
  account_id text NOT NULL,
  channel text NOT NULL,
  context text NOT NULL
);

CREATE TABLE review (
  id text NOT NULL,
  context text NOT NULL,
  run_id text NOT NULL,
  root_run_id text NOT NULL,
  seq bigint NOT NULL,
  step_id text NOT NULL,
  round bigint NOT NULL,
  title text NOT NULL,
  account_id text NOT NULL,
  kind text NOT NULL,
  prompt text,
  terms_json text NOT NULL,
  payload_json text NOT NULL,
  payload_hash text NOT NULL,
  needed bigint NOT NULL,
  votes bigint NOT NULL,
  status text NOT NULL,
  outcome_json text,
  closed_by text,
  closed_reason text,
  stood_in_at_ms bigint,
  created_at_ms bigint NOT NULL,
  closed_at_ms bigint
);

CREATE TABLE review_card (
  review_id text NOT NULL,
  channel text NOT NULL,
  conversation text NOT NULL
);

CREATE TABLE review_decision (
  review_id text NOT NULL,
  account_id text NOT NULL,
  decision text NOT NULL,
  comment text,
  answer_json text,
  channel text NOT NULL,
  at_ms bigint NOT NULL
);

CREATE TABLE review_reminder (
  review_id text NOT NULL,
  account_id text NOT NULL,
  at_ms bigint NOT NULL
);

CREATE TABLE rule_answer (
  fire_id text NOT NULL,
  message_key text NOT NULL,
  text text NOT NULL,
  at_ms bigint NOT NULL
);

CREATE TABLE rule_cursor (
  name text NOT NULL,
  seq bigint NOT NULL
);

CREATE TABLE rule_fire (
  id text NOT NULL,
  rule_id text NOT NULL,
  cause_key text NOT NULL,
  account_id text NOT NULL,
  status text NOT NULL,
  event_seq bigint,
  event_type text,
  chain_json text NOT NULL,
  command text NOT NULL,
  reason text,
  at_ms bigint NOT NULL
);

CREATE TABLE run (
  id text NOT NULL,
  context text NOT NULL,
  job_id text,
  job_key text NOT NULL,
  job_version bigint NOT NULL,
  definition_json text,
  pins_json text NOT NULL,
  account_id text NOT NULL,
  channel text NOT NULL,
  conversation text,
  status text NOT NULL,
  inputs_json text NOT NULL,
  defaults_json text NOT NULL,
  outputs_json text,
  error_json text,
  estimate_micros bigint NOT NULL,
  max_micros bigint NOT NULL,
  held_micros bigint NOT NULL,
  cost_micros bigint NOT NULL,
  owed_micros bigint NOT NULL,
  holds bigint NOT NULL,
  parent_run_id text,
  parent_seq bigint,
  depth bigint NOT NULL,
  cancel_reason text,
  idempotency_key text,
  request_hash text,
  created_at_ms bigint NOT NULL,
  started_at_ms bigint,
  finished_at_ms bigint
);

CREATE TABLE run_step (
  run_id text NOT NULL,
  seq bigint NOT NULL,
  step_id text NOT NULL,
  parent_seq bigint,
  item_index bigint,
  status text NOT NULL,
  attempt bigint NOT NULL,
  starts bigint NOT NULL,
  wait_for text,
  wake_at_ms bigint,
  pending_output_json text,
  output_json text,
  error_json text,
  cost_micros bigint NOT NULL,
  child_run_id text,
  started_at_ms bigint,
  finished_at_ms bigint
);

CREATE TABLE schedule (
  id text NOT NULL,
  context text NOT NULL,
  account_id text NOT NULL,
  job_key text NOT NULL,
  inputs_json text NOT NULL,
  kind text NOT NULL,
  cron text,
  every_ms bigint,
  at_ms bigint,
  time_zone text NOT NULL,
  missed_policy text NOT NULL,
  missed_max bigint NOT NULL,
  budget_micros bigint,
  committed_micros bigint NOT NULL,
  expires_at_ms bigint,
  max_runs bigint,
  runs bigint NOT NULL,
  status text NOT NULL,
  status_reason text,
  paused_until_ms bigint,
  catch_up_until_ms bigint NOT NULL,
  next_at_ms bigint,
  refused_code text,
  noticed_at_ms bigint NOT NULL,
  channel text NOT NULL,
  conversation text,
  created_at_ms bigint NOT NULL,
  updated_at_ms bigint NOT NULL
);

CREATE TABLE schedule_fire (
  schedule_id text NOT NULL,
  due_at_ms bigint NOT NULL,
  by_hand bigint NOT NULL,
  status text NOT NULL,
  run_id text,
  reason_code text,
  reason text,
  until_ms bigint,
  at_ms bigint NOT NULL,
  held_micros bigint NOT NULL,
  is_open bigint NOT NULL
);

CREATE TABLE secret_code (
  hash text NOT NULL,
  kind text NOT NULL,
  account_id text,
  payload_json text NOT NULL,
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  used_at_ms bigint
);

CREATE TABLE session (
  hash text NOT NULL,
  account_id text NOT NULL,
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  id text,
  way text NOT NULL,
  agent text NOT NULL,
  seen_at_ms bigint NOT NULL,
  generation bigint,
  refreshed_at_ms bigint
);

CREATE TABLE setting (
  key text NOT NULL,
  value_json text NOT NULL
);

CREATE TABLE signing_secret (
  context text NOT NULL,
  version bigint NOT NULL,
  created_by text NOT NULL,
  created_at_ms bigint NOT NULL
);

CREATE TABLE task (
  id text NOT NULL,
  context text NOT NULL,
  title text NOT NULL,
  description text NOT NULL,
  status text NOT NULL,
  priority bigint NOT NULL,
  labels_json text NOT NULL,
  criteria_json text NOT NULL,
  definition_json text NOT NULL,
  needs_json text NOT NULL,
  dependencies_json text NOT NULL,
  blockers_json text NOT NULL,
  blocker_words bigint NOT NULL,
  assignee text,
  doers_json text NOT NULL,
  executor_tool text,
  executor_inputs_json text,
  result_json text,
  external_ids_json text NOT NULL,
  attempts bigint NOT NULL,
  created_by text NOT NULL,
  created_at_ms bigint NOT NULL,
  updated_at_ms bigint NOT NULL,
  status_at_ms bigint NOT NULL,
  nudged_at_ms bigint,
  version bigint NOT NULL
);

CREATE TABLE task_link (
  task_id text NOT NULL,
  on_id text NOT NULL
);

CREATE TABLE task_template (
  context text NOT NULL,
  name text NOT NULL,
  fields_json text NOT NULL,
  saved_by text NOT NULL,
  saved_at_ms bigint NOT NULL
);

CREATE TABLE task_work (
  task_id text NOT NULL,
  agent_id text NOT NULL,
  account_id text NOT NULL,
  channel text NOT NULL,
  conversation text,
  phase text NOT NULL,
  round bigint NOT NULL,
  run_id text,
  comment text,
  verdicts_json text NOT NULL,
  effects_json text NOT NULL,
  cost_micros bigint NOT NULL,
  error text
);

CREATE TABLE team (
  id text NOT NULL,
  name text NOT NULL,
  monthly_cap_micros bigint,
  max_runs_per_month bigint,
  max_members bigint,
  confirm_above_micros bigint,
  settings_json text NOT NULL,
  created_at_ms bigint NOT NULL,
  deleted_at_ms bigint,
  max_runs_at_once bigint
);

CREATE TABLE tool_default (
  context text NOT NULL,
  tool_id text NOT NULL,
  inputs_json text NOT NULL
);

CREATE TABLE transfer (
  id text NOT NULL,
  debit text NOT NULL,
  credit text NOT NULL,
  amount_micros bigint NOT NULL,
  state text NOT NULL,
  kind text NOT NULL,
  pending_id text,
  run_id text,
  step_id text,
  actor text NOT NULL,
  context text,
  idempotency_key text,
  reason text,
  reverses_id text,
  period text NOT NULL,
  at_ms bigint NOT NULL
);

CREATE TABLE trigger_delivery (
  id text NOT NULL,
  trigger_id text NOT NULL,
  delivery_key text NOT NULL,
  external_id text,
  status text NOT NULL,
  received_at_ms bigint NOT NULL,
  settled_at_ms bigint,
  payload_json text,
  size_bytes bigint NOT NULL,
  replay_of text,
  replayed_by text,
  run_id text,
  reason_code text,
  reason text,
  held_micros bigint NOT NULL,
  is_open bigint NOT NULL
);

CREATE TABLE trigger_secret (
  id text NOT NULL,
  trigger_id text NOT NULL,
  context text NOT NULL,
  version bigint NOT NULL,
  sealed text NOT NULL,
  valid_until_ms bigint
);

CREATE TABLE usage_counter (
  scope text NOT NULL,
  period text NOT NULL,
  used_micros bigint NOT NULL,
  runs bigint NOT NULL
);

CREATE TABLE variant (
  id text NOT NULL,
  run_id text NOT NULL,
  source_run_id text NOT NULL,
  revision bigint NOT NULL,
  outputs_json text,
  edited_by text,
  edited_at_ms bigint,
  accepted_at_ms bigint,
  created_at_ms bigint NOT NULL
);

CREATE TABLE variant_choice (
  run_id text NOT NULL,
  variant_id text NOT NULL,
  revision bigint NOT NULL,
  account_id text NOT NULL,
  channel text NOT NULL,
  at_ms bigint NOT NULL
);

CREATE TABLE variant_revision (
  variant_id text NOT NULL,
  revision bigint NOT NULL,
  outputs_json text NOT NULL,
  account_id text NOT NULL,
  at_ms bigint NOT NULL
);

CREATE TABLE webhook_trigger (
  id text NOT NULL,
  context text NOT NULL,
  account_id text NOT NULL,
  name text NOT NULL,
  job_key text NOT NULL,
  mapping_json text NOT NULL,
  filter_json text NOT NULL,
  example_json text,
  scheme text NOT NULL,
  version bigint NOT NULL,
  hint text NOT NULL,
  budget_micros bigint,
  committed_micros bigint NOT NULL,
  rate_per_minute bigint NOT NULL,
  window_ms bigint NOT NULL,
  window_count bigint NOT NULL,
  capped_at_ms bigint NOT NULL,
  status text NOT NULL,
  refused_code text,
  refused_reason text,
  refused_at_ms bigint,
  noticed_at_ms bigint NOT NULL,
  last_at_ms bigint,
  created_at_ms bigint NOT NULL,
  updated_at_ms bigint NOT NULL,
  rotated_at_ms bigint
);

CREATE TABLE work_item (
  key text NOT NULL,
  kind text NOT NULL,
  run_at_ms bigint NOT NULL,
  fair_group text NOT NULL,
  token text,
  lease_until_ms bigint NOT NULL,
  dirty bigint NOT NULL
);

ALTER TABLE account ADD CONSTRAINT account_confirm_above_micros_check CHECK ((confirm_above_micros >= 0));
ALTER TABLE account ADD CONSTRAINT account_handle_key UNIQUE (handle);
ALTER TABLE account ADD CONSTRAINT account_monthly_cap_micros_check CHECK ((monthly_cap_micros >= 0));
ALTER TABLE account ADD CONSTRAINT account_pkey PRIMARY KEY (id);
ALTER TABLE account ADD CONSTRAINT account_platform_role_check CHECK ((platform_role = ANY (ARRAY['user'::text, 'admin'::text])));
ALTER TABLE agent ADD CONSTRAINT agent_context_name_key UNIQUE (context, name);
ALTER TABLE agent ADD CONSTRAINT agent_hired_by_fkey FOREIGN KEY (hired_by) REFERENCES account(id);
ALTER TABLE agent ADD CONSTRAINT agent_pkey PRIMARY KEY (id);
ALTER TABLE agent ADD CONSTRAINT agent_status_check CHECK ((status = ANY (ARRAY['active'::text, 'paused'::text, 'retired'::text])));
ALTER TABLE agent_turn ADD CONSTRAINT agent_turn_cost_micros_check CHECK ((cost_micros >= 0));
ALTER TABLE agent_turn ADD CONSTRAINT agent_turn_is_charged_check CHECK ((is_charged = ANY (ARRAY[(0)::bigint, (1)::bigint])));
ALTER TABLE agent_turn ADD CONSTRAINT agent_turn_is_tainted_check CHECK ((is_tainted = ANY (ARRAY[(0)::bigint, (1)::bigint])));
ALTER TABLE agent_turn ADD CONSTRAINT agent_turn_kind_check CHECK ((kind = ANY (ARRAY['start'::text, 'model'::text, 'lost'::text, 'call'::text, 'approval'::text, 'result'::text])));
ALTER TABLE agent_turn ADD CONSTRAINT agent_turn_pkey PRIMARY KEY (run_id, seq, attempt_group, turn);
ALTER TABLE agent_turn ADD CONSTRAINT agent_turn_run_id_fkey FOREIGN KEY (run_id) REFERENCES run(id);
ALTER TABLE allowance ADD CONSTRAINT allowance_pkey PRIMARY KEY (whose);
ALTER TABLE api_key ADD CONSTRAINT api_key_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE api_key ADD CONSTRAINT api_key_hash_key UNIQUE (hash);
ALTER TABLE api_key ADD CONSTRAINT api_key_pkey PRIMARY KEY (id);
ALTER TABLE artifact ADD CONSTRAINT artifact_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE artifact ADD CONSTRAINT artifact_pkey PRIMARY KEY (id);
ALTER TABLE artifact ADD CONSTRAINT artifact_sha256_fkey FOREIGN KEY (sha256) REFERENCES artifact_blob(sha256);
ALTER TABLE artifact_blob ADD CONSTRAINT artifact_blob_pkey PRIMARY KEY (sha256);
ALTER TABLE artifact_blob_piece ADD CONSTRAINT artifact_blob_piece_piece_check CHECK ((piece > 0));
ALTER TABLE artifact_blob_piece ADD CONSTRAINT artifact_blob_piece_pkey PRIMARY KEY (sha256, piece);
ALTER TABLE artifact_blob_piece ADD CONSTRAINT artifact_blob_piece_sha256_fkey FOREIGN KEY (sha256) REFERENCES artifact_blob(sha256);
ALTER TABLE board_lease ADD CONSTRAINT board_lease_context_resource_key UNIQUE (context, resource);
ALTER TABLE board_lease ADD CONSTRAINT board_lease_epoch_check CHECK ((epoch >= 1));
ALTER TABLE board_lease ADD CONSTRAINT board_lease_holder_fkey FOREIGN KEY (holder) REFERENCES account(id);
ALTER TABLE board_lease ADD CONSTRAINT board_lease_pkey PRIMARY KEY (id);
ALTER TABLE board_lease ADD CONSTRAINT board_lease_ttl_ms_check CHECK ((ttl_ms > 0));
ALTER TABLE budget ADD CONSTRAINT budget_context_subject_period_key UNIQUE (context, subject, period);
ALTER TABLE budget ADD CONSTRAINT budget_created_by_fkey FOREIGN KEY (created_by) REFERENCES account(id);
ALTER TABLE budget ADD CONSTRAINT budget_is_stop_check CHECK ((is_stop = ANY (ARRAY[(0)::bigint, (1)::bigint])));
ALTER TABLE budget ADD CONSTRAINT budget_limit_micros_check CHECK ((limit_micros >= 0));
ALTER TABLE budget ADD CONSTRAINT budget_period_check CHECK ((period = ANY (ARRAY['run'::text, 'day'::text, 'month'::text])));
ALTER TABLE budget ADD CONSTRAINT budget_pkey PRIMARY KEY (id);
ALTER TABLE budget ADD CONSTRAINT budget_warn_percent_check CHECK (((warn_percent >= 1) AND (warn_percent <= 100)));
ALTER TABLE budget_raise ADD CONSTRAINT budget_raise_amount_micros_check CHECK ((amount_micros >= 0));
ALTER TABLE budget_raise ADD CONSTRAINT budget_raise_check CHECK (((amount_micros > 0) OR (runs > 0)));
ALTER TABLE budget_raise ADD CONSTRAINT budget_raise_granted_by_fkey FOREIGN KEY (granted_by) REFERENCES account(id);
ALTER TABLE budget_raise ADD CONSTRAINT budget_raise_pkey PRIMARY KEY (id);
ALTER TABLE budget_raise ADD CONSTRAINT budget_raise_request_id_fkey FOREIGN KEY (request_id) REFERENCES budget_request(id);
ALTER TABLE budget_raise ADD CONSTRAINT budget_raise_request_id_key UNIQUE (request_id);
ALTER TABLE budget_raise ADD CONSTRAINT budget_raise_runs_check CHECK ((runs >= 0));
ALTER TABLE budget_request ADD CONSTRAINT budget_request_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE budget_request ADD CONSTRAINT budget_request_amount_micros_check CHECK ((amount_micros >= 0));
ALTER TABLE budget_request ADD CONSTRAINT budget_request_check CHECK (((status = ANY (ARRAY['open'::text, 'expired'::text])) = (decided_by IS NULL)));
ALTER TABLE budget_request ADD CONSTRAINT budget_request_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES account(id);
ALTER TABLE budget_request ADD CONSTRAINT budget_request_pkey PRIMARY KEY (id);
ALTER TABLE budget_request ADD CONSTRAINT budget_request_runs_check CHECK ((runs >= 0));
ALTER TABLE budget_request ADD CONSTRAINT budget_request_status_check CHECK ((status = ANY (ARRAY['open'::text, 'granted'::text, 'declined'::text, 'expired'::text])));
ALTER TABLE budget_use ADD CONSTRAINT budget_use_pkey PRIMARY KEY (hold_id, budget_id);
ALTER TABLE button ADD CONSTRAINT button_pkey PRIMARY KEY (token);
ALTER TABLE callback ADD CONSTRAINT callback_check CHECK (((state = 'received'::text) = (outcome_json IS NOT NULL)));
ALTER TABLE callback ADD CONSTRAINT callback_pkey PRIMARY KEY (key);
ALTER TABLE callback ADD CONSTRAINT callback_state_check CHECK ((state = ANY (ARRAY['open'::text, 'received'::text, 'over'::text])));
ALTER TABLE chat_message ADD CONSTRAINT chat_message_author_check CHECK ((author = ANY (ARRAY['user'::text, 'bot'::text])));
ALTER TABLE chat_message ADD CONSTRAINT chat_message_pkey PRIMARY KEY (id);
ALTER TABLE command_rule ADD CONSTRAINT command_rule_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE command_rule ADD CONSTRAINT command_rule_check CHECK (((filter_json IS NULL) <> (rhythm_json IS NULL)));
ALTER TABLE command_rule ADD CONSTRAINT command_rule_pkey PRIMARY KEY (id);
ALTER TABLE command_rule ADD CONSTRAINT command_rule_rate_per_hour_check CHECK ((rate_per_hour > 0));
ALTER TABLE command_rule ADD CONSTRAINT command_rule_status_check CHECK ((status = ANY (ARRAY['active'::text, 'paused'::text, 'ended'::text, 'removed'::text])));
ALTER TABLE connection ADD CONSTRAINT connection_pkey PRIMARY KEY (id);
ALTER TABLE connection ADD CONSTRAINT connection_version_check CHECK ((version > 0));
ALTER TABLE conversation ADD CONSTRAINT conversation_pkey PRIMARY KEY (channel, id);
ALTER TABLE email_claim ADD CONSTRAINT email_claim_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE email_claim ADD CONSTRAINT email_claim_pkey PRIMARY KEY (address);
ALTER TABLE endpoint ADD CONSTRAINT endpoint_breaker_check CHECK ((breaker = ANY (ARRAY['closed'::text, 'open'::text, 'half_open'::text])));
ALTER TABLE endpoint ADD CONSTRAINT endpoint_pkey PRIMARY KEY (id);
ALTER TABLE entry ADD CONSTRAINT entry_account_id_fkey FOREIGN KEY (account_id) REFERENCES ledger_account(id);
ALTER TABLE entry ADD CONSTRAINT entry_pkey PRIMARY KEY (account_id, seq);
ALTER TABLE entry ADD CONSTRAINT entry_transfer_id_fkey FOREIGN KEY (transfer_id) REFERENCES transfer(id);
ALTER TABLE event ADD CONSTRAINT event_pkey PRIMARY KEY (seq);
ALTER TABLE form ADD CONSTRAINT form_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE form ADD CONSTRAINT form_pkey PRIMARY KEY (id);
ALTER TABLE form ADD CONSTRAINT form_status_check CHECK ((status = ANY (ARRAY['open'::text, 'sent'::text, 'dropped'::text, 'expired'::text])));
ALTER TABLE funds_wait ADD CONSTRAINT funds_wait_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE funds_wait ADD CONSTRAINT funds_wait_amount_micros_check CHECK ((amount_micros >= 0));
ALTER TABLE funds_wait ADD CONSTRAINT funds_wait_pkey PRIMARY KEY (run_id);
ALTER TABLE funds_wait ADD CONSTRAINT funds_wait_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'funded'::text, 'taken'::text, 'ended'::text])));
ALTER TABLE idempotency ADD CONSTRAINT idempotency_pkey PRIMARY KEY (key);
ALTER TABLE identity ADD CONSTRAINT identity_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE identity ADD CONSTRAINT identity_pkey PRIMARY KEY (channel, external_id);
ALTER TABLE inbox ADD CONSTRAINT inbox_channel_delivery_id_key UNIQUE (channel, delivery_id);
ALTER TABLE inbox ADD CONSTRAINT inbox_pkey PRIMARY KEY (seq);
ALTER TABLE inbox ADD CONSTRAINT inbox_status_check CHECK ((status = ANY (ARRAY['new'::text, 'done'::text, 'failed'::text])));
ALTER TABLE invitation ADD CONSTRAINT invitation_code_hash_key UNIQUE (code_hash);
ALTER TABLE invitation ADD CONSTRAINT invitation_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES account(id);
ALTER TABLE invitation ADD CONSTRAINT invitation_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES account(id);
ALTER TABLE invitation ADD CONSTRAINT invitation_pkey PRIMARY KEY (id);
ALTER TABLE invitation ADD CONSTRAINT invitation_status_check CHECK ((status = ANY (ARRAY['open'::text, 'accepted'::text, 'declined'::text, 'revoked'::text])));
ALTER TABLE invitation ADD CONSTRAINT invitation_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id);
ALTER TABLE job ADD CONSTRAINT job_pkey PRIMARY KEY (id);
ALTER TABLE job ADD CONSTRAINT job_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'published'::text])));
ALTER TABLE job ADD CONSTRAINT job_visibility_check CHECK ((visibility = ANY (ARRAY['private'::text, 'team'::text, 'public'::text])));
ALTER TABLE job_version ADD CONSTRAINT job_version_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(id);
ALTER TABLE job_version ADD CONSTRAINT job_version_pkey PRIMARY KEY (job_id, version);
ALTER TABLE lease ADD CONSTRAINT lease_pkey PRIMARY KEY (resource);
ALTER TABLE ledger_account ADD CONSTRAINT ledger_account_credit_approved_by_fkey FOREIGN KEY (credit_approved_by) REFERENCES account(id);
ALTER TABLE ledger_account ADD CONSTRAINT ledger_account_credit_limit_micros_check CHECK ((credit_limit_micros >= 0));
ALTER TABLE ledger_account ADD CONSTRAINT ledger_account_kind_check CHECK ((kind = ANY (ARRAY['wallet'::text, 'platform'::text])));
ALTER TABLE ledger_account ADD CONSTRAINT ledger_account_overdraft_floor_micros_check CHECK ((overdraft_floor_micros >= 0));
ALTER TABLE ledger_account ADD CONSTRAINT ledger_account_pending_micros_check CHECK ((pending_micros >= 0));
ALTER TABLE ledger_account ADD CONSTRAINT ledger_account_pkey PRIMARY KEY (id);
ALTER TABLE ledger_account ADD CONSTRAINT ledger_account_waiters_check CHECK ((waiters >= 0));
ALTER TABLE ledger_account ADD CONSTRAINT never_below_the_floor CHECK (((kind = 'platform'::text) OR ((posted_micros - pending_micros) >= (- overdraft_floor_micros))));
ALTER TABLE limit_warning ADD CONSTRAINT limit_warning_pkey PRIMARY KEY (scope, limit_name, period, size, threshold);
ALTER TABLE linked_chat ADD CONSTRAINT linked_chat_linked_by_fkey FOREIGN KEY (linked_by) REFERENCES account(id);
ALTER TABLE linked_chat ADD CONSTRAINT linked_chat_pkey PRIMARY KEY (channel, conversation);
ALTER TABLE linked_chat ADD CONSTRAINT linked_chat_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id);
ALTER TABLE mail_answers ADD CONSTRAINT mail_answers_answers_check CHECK ((answers > 0));
ALTER TABLE mail_answers ADD CONSTRAINT mail_answers_pkey PRIMARY KEY (address, hour);
ALTER TABLE mail_bounce ADD CONSTRAINT mail_bounce_is_hard_check CHECK ((is_hard = ANY (ARRAY[(0)::bigint, (1)::bigint])));
ALTER TABLE mail_bounce ADD CONSTRAINT mail_bounce_pkey PRIMARY KEY (address);
ALTER TABLE mail_cursor ADD CONSTRAINT mail_cursor_pkey PRIMARY KEY (mailbox);
ALTER TABLE mail_message ADD CONSTRAINT mail_message_is_ours_check CHECK ((is_ours = ANY (ARRAY[(0)::bigint, (1)::bigint])));
ALTER TABLE mail_message ADD CONSTRAINT mail_message_is_sent_check CHECK ((is_sent = ANY (ARRAY[(0)::bigint, (1)::bigint])));
ALTER TABLE mail_message ADD CONSTRAINT mail_message_pkey PRIMARY KEY (message_id);
ALTER TABLE mail_message ADD CONSTRAINT mail_message_thread_id_fkey FOREIGN KEY (thread_id) REFERENCES mail_thread(id);
ALTER TABLE mail_question ADD CONSTRAINT mail_question_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE mail_question ADD CONSTRAINT mail_question_pkey PRIMARY KEY (code_hash);
ALTER TABLE mail_seen ADD CONSTRAINT mail_seen_pkey PRIMARY KEY (mark);
ALTER TABLE mail_thread ADD CONSTRAINT mail_thread_pkey PRIMARY KEY (id);
ALTER TABLE membership ADD CONSTRAINT membership_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE membership ADD CONSTRAINT membership_pkey PRIMARY KEY (team_id, account_id);
ALTER TABLE membership ADD CONSTRAINT membership_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'member'::text, 'viewer'::text])));
ALTER TABLE membership ADD CONSTRAINT membership_spending_cap_micros_check CHECK ((spending_cap_micros >= 0));
ALTER TABLE membership ADD CONSTRAINT membership_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id);
ALTER TABLE memory ADD CONSTRAINT memory_pkey PRIMARY KEY (id);
ALTER TABLE migration ADD CONSTRAINT migration_pkey PRIMARY KEY (name);
ALTER TABLE model_call ADD CONSTRAINT model_call_cost_micros_check CHECK ((cost_micros >= 0));
ALTER TABLE model_call ADD CONSTRAINT model_call_is_charged_check CHECK ((is_charged = ANY (ARRAY[(0)::bigint, (1)::bigint])));
ALTER TABLE model_call ADD CONSTRAINT model_call_is_estimated_check CHECK ((is_estimated = ANY (ARRAY[(0)::bigint, (1)::bigint])));
ALTER TABLE model_call ADD CONSTRAINT model_call_pkey PRIMARY KEY (id);
ALTER TABLE model_call ADD CONSTRAINT model_call_status_check CHECK ((status = ANY (ARRAY['begun'::text, 'ended'::text, 'failed'::text, 'aborted'::text])));
ALTER TABLE model_circuit ADD CONSTRAINT model_circuit_breaker_check CHECK ((breaker = ANY (ARRAY['closed'::text, 'open'::text, 'half_open'::text])));
ALTER TABLE model_circuit ADD CONSTRAINT model_circuit_pkey PRIMARY KEY (id);
ALTER TABLE model_price ADD CONSTRAINT model_price_cached_input_micros_check CHECK ((cached_input_micros >= 0));
ALTER TABLE model_price ADD CONSTRAINT model_price_input_micros_check CHECK ((input_micros >= 0));
ALTER TABLE model_price ADD CONSTRAINT model_price_output_micros_check CHECK ((output_micros >= 0));
ALTER TABLE model_price ADD CONSTRAINT model_price_pkey PRIMARY KEY (provider, connection, model, effective_at_ms);
ALTER TABLE notification ADD CONSTRAINT notification_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE notification ADD CONSTRAINT notification_check CHECK (((state = 'held'::text) = (hold IS NOT NULL)));
ALTER TABLE notification ADD CONSTRAINT notification_check1 CHECK (((state = 'held'::text) = (due_at_ms IS NOT NULL)));
ALTER TABLE notification ADD CONSTRAINT notification_hold_check CHECK ((hold = ANY (ARRAY['quiet'::text, 'digest'::text])));
ALTER TABLE notification ADD CONSTRAINT notification_pkey PRIMARY KEY (id);
ALTER TABLE notification ADD CONSTRAINT notification_priority_check CHECK ((priority = ANY (ARRAY['low'::text, 'normal'::text, 'urgent'::text])));
ALTER TABLE notification ADD CONSTRAINT notification_state_check CHECK ((state = ANY (ARRAY['out'::text, 'held'::text, 'listed'::text])));
ALTER TABLE notification_delivery ADD CONSTRAINT notification_delivery_notification_id_fkey FOREIGN KEY (notification_id) REFERENCES notification(id) ON DELETE CASCADE;
ALTER TABLE notification_delivery ADD CONSTRAINT notification_delivery_pkey PRIMARY KEY (notification_id, outbox_seq);
ALTER TABLE notification_setting ADD CONSTRAINT notification_setting_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE notification_setting ADD CONSTRAINT notification_setting_pkey PRIMARY KEY (account_id);
ALTER TABLE outbox ADD CONSTRAINT outbox_pkey PRIMARY KEY (seq);
ALTER TABLE outbox ADD CONSTRAINT outbox_status_check CHECK (((status = 'new'::text) OR (status = 'sending'::text) OR (status = 'sent'::text) OR (status = 'undelivered'::text)));
ALTER TABLE password ADD CONSTRAINT password_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE password ADD CONSTRAINT password_pkey PRIMARY KEY (account_id);
ALTER TABLE plan ADD CONSTRAINT plan_model_failures_check CHECK ((model_failures >= 0));
ALTER TABLE plan ADD CONSTRAINT plan_pkey PRIMARY KEY (schedule_id);
ALTER TABLE plan ADD CONSTRAINT plan_repeats_check CHECK ((repeats >= 0));
ALTER TABLE plan ADD CONSTRAINT plan_schedule_id_fkey FOREIGN KEY (schedule_id) REFERENCES schedule(id);
ALTER TABLE plan ADD CONSTRAINT plan_troubles_check CHECK ((troubles >= 0));
ALTER TABLE plan_action ADD CONSTRAINT plan_action_cycle_id_place_key UNIQUE (cycle_id, place);
ALTER TABLE plan_action ADD CONSTRAINT plan_action_pkey PRIMARY KEY (id);
ALTER TABLE plan_action ADD CONSTRAINT plan_action_schedule_id_fkey FOREIGN KEY (schedule_id) REFERENCES schedule(id);
ALTER TABLE plan_action ADD CONSTRAINT plan_action_status_check CHECK ((status = ANY (ARRAY['applied'::text, 'asked'::text, 'declined'::text, 'dropped'::text])));
ALTER TABLE plan_cycle ADD CONSTRAINT plan_cycle_check CHECK (((status = ANY (ARRAY['done'::text, 'failed'::text])) = (ended_at_ms IS NOT NULL)));
ALTER TABLE plan_cycle ADD CONSTRAINT plan_cycle_check1 CHECK (((ended_at_ms IS NOT NULL) OR (run_id IS NOT NULL)));
ALTER TABLE plan_cycle ADD CONSTRAINT plan_cycle_cost_micros_check CHECK ((cost_micros >= 0));
ALTER TABLE plan_cycle ADD CONSTRAINT plan_cycle_pkey PRIMARY KEY (id);
ALTER TABLE plan_cycle ADD CONSTRAINT plan_cycle_schedule_id_due_at_ms_by_hand_key UNIQUE (schedule_id, due_at_ms, by_hand);
ALTER TABLE plan_cycle ADD CONSTRAINT plan_cycle_schedule_id_fkey FOREIGN KEY (schedule_id) REFERENCES schedule(id);
ALTER TABLE plan_cycle ADD CONSTRAINT plan_cycle_status_check CHECK ((status = ANY (ARRAY['planning'::text, 'repairing'::text, 'running'::text, 'scheduling'::text, 'done'::text, 'failed'::text])));
ALTER TABLE plan_cycle ADD CONSTRAINT plan_cycle_tokens_check CHECK ((tokens >= 0));
ALTER TABLE plan_hint ADD CONSTRAINT plan_hint_every_ms_check CHECK ((every_ms > 0));
ALTER TABLE plan_hint ADD CONSTRAINT plan_hint_pkey PRIMARY KEY (id);
ALTER TABLE plan_hint ADD CONSTRAINT plan_hint_said_by_check CHECK ((said_by = ANY (ARRAY['person'::text, 'model'::text])));
ALTER TABLE plan_hint ADD CONSTRAINT plan_hint_schedule_id_fkey FOREIGN KEY (schedule_id) REFERENCES schedule(id);
ALTER TABLE plan_run ADD CONSTRAINT plan_run_pkey PRIMARY KEY (schedule_id, due_at_ms, by_hand, stage);
ALTER TABLE plan_run ADD CONSTRAINT plan_run_run_id_key UNIQUE (run_id);
ALTER TABLE plan_run ADD CONSTRAINT plan_run_schedule_id_fkey FOREIGN KEY (schedule_id) REFERENCES schedule(id);
ALTER TABLE plan_run ADD CONSTRAINT plan_run_stage_check CHECK ((stage = ANY (ARRAY['plan'::text, 'repair'::text, 'run'::text, 'next'::text])));
ALTER TABLE plan_source ADD CONSTRAINT plan_source_pkey PRIMARY KEY (schedule_id, name);
ALTER TABLE plan_source ADD CONSTRAINT plan_source_schedule_id_fkey FOREIGN KEY (schedule_id) REFERENCES schedule(id);
ALTER TABLE plan_source ADD CONSTRAINT plan_source_state_check CHECK ((state = ANY (ARRAY['ok'::text, 'warned'::text, 'disabled'::text])));
ALTER TABLE policy ADD CONSTRAINT policy_pkey PRIMARY KEY (context);
ALTER TABLE policy ADD CONSTRAINT policy_updated_by_fkey FOREIGN KEY (updated_by) REFERENCES account(id);
ALTER TABLE price ADD CONSTRAINT price_max_micros_check CHECK ((max_micros >= 0));
ALTER TABLE price ADD CONSTRAINT price_pkey PRIMARY KEY (tool_id, effective_at_ms);
ALTER TABLE price ADD CONSTRAINT price_rate_micros_check CHECK ((rate_micros >= 0));
ALTER TABLE proposal ADD CONSTRAINT proposal_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE proposal ADD CONSTRAINT proposal_check CHECK (((state = ANY (ARRAY['asked'::text, 'void'::text])) OR ((line IS NOT NULL) AND (target IS NOT NULL))));
ALTER TABLE proposal ADD CONSTRAINT proposal_needs_sure_check CHECK ((needs_sure = ANY (ARRAY[(0)::bigint, (1)::bigint])));
ALTER TABLE proposal ADD CONSTRAINT proposal_pkey PRIMARY KEY (id);
ALTER TABLE proposal ADD CONSTRAINT proposal_state_check CHECK ((state = ANY (ARRAY['asked'::text, 'open'::text, 'sure'::text, 'done'::text, 'dropped'::text, 'void'::text])));
ALTER TABLE proposal ADD CONSTRAINT proposal_target_check CHECK ((target = ANY (ARRAY['command'::text, 'job'::text])));
ALTER TABLE provider ADD CONSTRAINT provider_pkey PRIMARY KEY (id);
ALTER TABLE provider ADD CONSTRAINT provider_rate_micros_check CHECK ((rate_micros >= 0));
ALTER TABLE refresh_token ADD CONSTRAINT refresh_token_pkey PRIMARY KEY (hash);
ALTER TABLE remembered_context ADD CONSTRAINT remembered_context_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE remembered_context ADD CONSTRAINT remembered_context_pkey PRIMARY KEY (account_id, channel);
ALTER TABLE review ADD CONSTRAINT review_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE review ADD CONSTRAINT review_check CHECK (((status = 'open'::text) = (closed_at_ms IS NULL)));
ALTER TABLE review ADD CONSTRAINT review_closed_by_fkey FOREIGN KEY (closed_by) REFERENCES account(id);
ALTER TABLE review ADD CONSTRAINT review_kind_check CHECK ((kind = ANY (ARRAY['decide'::text, 'choose'::text, 'form'::text])));
ALTER TABLE review ADD CONSTRAINT review_needed_check CHECK ((needed >= 1));
ALTER TABLE review ADD CONSTRAINT review_pkey PRIMARY KEY (id);
ALTER TABLE review ADD CONSTRAINT review_root_run_id_fkey FOREIGN KEY (root_run_id) REFERENCES run(id);
ALTER TABLE review ADD CONSTRAINT review_run_id_fkey FOREIGN KEY (run_id) REFERENCES run(id);
ALTER TABLE review ADD CONSTRAINT review_status_check CHECK ((status = ANY (ARRAY['open'::text, 'approved'::text, 'rejected'::text, 'changes_requested'::text, 'expired'::text])));
ALTER TABLE review ADD CONSTRAINT review_votes_check CHECK ((votes >= 0));
ALTER TABLE review_card ADD CONSTRAINT review_card_pkey PRIMARY KEY (review_id, channel, conversation);
ALTER TABLE review_card ADD CONSTRAINT review_card_review_id_fkey FOREIGN KEY (review_id) REFERENCES review(id);
ALTER TABLE review_decision ADD CONSTRAINT review_decision_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE review_decision ADD CONSTRAINT review_decision_decision_check CHECK ((decision = ANY (ARRAY['approve'::text, 'reject'::text, 'request_changes'::text, 'choose'::text, 'submit'::text])));
ALTER TABLE review_decision ADD CONSTRAINT review_decision_pkey PRIMARY KEY (review_id, account_id);
ALTER TABLE review_decision ADD CONSTRAINT review_decision_review_id_fkey FOREIGN KEY (review_id) REFERENCES review(id);
ALTER TABLE review_reminder ADD CONSTRAINT review_reminder_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE review_reminder ADD CONSTRAINT review_reminder_pkey PRIMARY KEY (review_id, account_id);
ALTER TABLE review_reminder ADD CONSTRAINT review_reminder_review_id_fkey FOREIGN KEY (review_id) REFERENCES review(id);
ALTER TABLE rule_answer ADD CONSTRAINT rule_answer_fire_id_fkey FOREIGN KEY (fire_id) REFERENCES rule_fire(id);
ALTER TABLE rule_answer ADD CONSTRAINT rule_answer_pkey PRIMARY KEY (fire_id, message_key);
ALTER TABLE rule_cursor ADD CONSTRAINT rule_cursor_pkey PRIMARY KEY (name);
ALTER TABLE rule_fire ADD CONSTRAINT rule_fire_pkey PRIMARY KEY (id);
ALTER TABLE rule_fire ADD CONSTRAINT rule_fire_rule_id_fkey FOREIGN KEY (rule_id) REFERENCES command_rule(id);
ALTER TABLE rule_fire ADD CONSTRAINT rule_fire_status_check CHECK ((status = ANY (ARRAY['said'::text, 'answered'::text, 'refused'::text, 'stopped'::text, 'capped'::text])));
ALTER TABLE run ADD CONSTRAINT run_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE run ADD CONSTRAINT run_pkey PRIMARY KEY (id);
ALTER TABLE run_step ADD CONSTRAINT run_step_pkey PRIMARY KEY (run_id, seq);
ALTER TABLE schedule ADD CONSTRAINT schedule_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE schedule ADD CONSTRAINT schedule_budget_micros_check CHECK ((budget_micros >= 0));
ALTER TABLE schedule ADD CONSTRAINT schedule_check CHECK (((runs >= 0) AND ((max_runs IS NULL) OR (runs <= max_runs))));
ALTER TABLE schedule ADD CONSTRAINT schedule_check1 CHECK (((status = 'active'::text) = (next_at_ms IS NOT NULL)));
ALTER TABLE schedule ADD CONSTRAINT schedule_committed_micros_check CHECK ((committed_micros >= 0));
ALTER TABLE schedule ADD CONSTRAINT schedule_every_ms_check CHECK ((every_ms > 0));
ALTER TABLE schedule ADD CONSTRAINT schedule_kind_check CHECK ((kind = ANY (ARRAY['cron'::text, 'interval'::text, 'once'::text, 'planned'::text])));
ALTER TABLE schedule ADD CONSTRAINT schedule_missed_max_check CHECK ((missed_max > 0));
ALTER TABLE schedule ADD CONSTRAINT schedule_missed_policy_check CHECK ((missed_policy = ANY (ARRAY['skip'::text, 'once'::text, 'all'::text])));
ALTER TABLE schedule ADD CONSTRAINT schedule_pkey PRIMARY KEY (id);
ALTER TABLE schedule ADD CONSTRAINT schedule_status_check CHECK ((status = ANY (ARRAY['active'::text, 'paused'::text, 'ended'::text, 'removed'::text])));
ALTER TABLE schedule_fire ADD CONSTRAINT schedule_fire_check CHECK (((status = 'started'::text) = (run_id IS NOT NULL)));
ALTER TABLE schedule_fire ADD CONSTRAINT schedule_fire_pkey PRIMARY KEY (schedule_id, due_at_ms, by_hand);
ALTER TABLE schedule_fire ADD CONSTRAINT schedule_fire_schedule_id_fkey FOREIGN KEY (schedule_id) REFERENCES schedule(id);
ALTER TABLE schedule_fire ADD CONSTRAINT schedule_fire_status_check CHECK ((status = ANY (ARRAY['started'::text, 'skipped'::text, 'missed'::text])));
ALTER TABLE secret_code ADD CONSTRAINT secret_code_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE secret_code ADD CONSTRAINT secret_code_pkey PRIMARY KEY (hash);
ALTER TABLE session ADD CONSTRAINT session_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE session ADD CONSTRAINT session_pkey PRIMARY KEY (hash);
ALTER TABLE setting ADD CONSTRAINT setting_pkey PRIMARY KEY (key);
ALTER TABLE signing_secret ADD CONSTRAINT signing_secret_pkey PRIMARY KEY (context, version);
ALTER TABLE signing_secret ADD CONSTRAINT signing_secret_version_check CHECK ((version > 1));
ALTER TABLE task ADD CONSTRAINT task_attempts_check CHECK ((attempts >= 0));
ALTER TABLE task ADD CONSTRAINT task_blocker_words_check CHECK ((blocker_words >= 0));
ALTER TABLE task ADD CONSTRAINT task_check CHECK (((executor_tool IS NULL) = (executor_inputs_json IS NULL)));
ALTER TABLE task ADD CONSTRAINT task_created_by_fkey FOREIGN KEY (created_by) REFERENCES account(id);
ALTER TABLE task ADD CONSTRAINT task_pkey PRIMARY KEY (id);
ALTER TABLE task ADD CONSTRAINT task_priority_check CHECK (((priority >= 0) AND (priority <= 100)));
ALTER TABLE task ADD CONSTRAINT task_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'claimed'::text, 'in_progress'::text, 'review'::text, 'changes_requested'::text, 'approved'::text, 'merging'::text, 'done'::text, 'blocked'::text, 'failed'::text, 'abandoned'::text])));
ALTER TABLE task ADD CONSTRAINT task_version_check CHECK ((version >= 1));
ALTER TABLE task_link ADD CONSTRAINT task_link_check CHECK ((task_id <> on_id));
ALTER TABLE task_link ADD CONSTRAINT task_link_on_id_fkey FOREIGN KEY (on_id) REFERENCES task(id);
ALTER TABLE task_link ADD CONSTRAINT task_link_pkey PRIMARY KEY (task_id, on_id);
ALTER TABLE task_link ADD CONSTRAINT task_link_task_id_fkey FOREIGN KEY (task_id) REFERENCES task(id);
ALTER TABLE task_template ADD CONSTRAINT task_template_pkey PRIMARY KEY (context, name);
ALTER TABLE task_template ADD CONSTRAINT task_template_saved_by_fkey FOREIGN KEY (saved_by) REFERENCES account(id);
ALTER TABLE task_work ADD CONSTRAINT task_work_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE task_work ADD CONSTRAINT task_work_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agent(id);
ALTER TABLE task_work ADD CONSTRAINT task_work_cost_micros_check CHECK ((cost_micros >= 0));
ALTER TABLE task_work ADD CONSTRAINT task_work_phase_check CHECK ((phase = ANY (ARRAY['work'::text, 'check'::text, 'review'::text, 'merge'::text])));
ALTER TABLE task_work ADD CONSTRAINT task_work_pkey PRIMARY KEY (task_id);
ALTER TABLE task_work ADD CONSTRAINT task_work_task_id_fkey FOREIGN KEY (task_id) REFERENCES task(id);
ALTER TABLE team ADD CONSTRAINT team_confirm_above_micros_check CHECK ((confirm_above_micros >= 0));
ALTER TABLE team ADD CONSTRAINT team_max_members_check CHECK ((max_members >= 1));
ALTER TABLE team ADD CONSTRAINT team_max_runs_per_month_check CHECK ((max_runs_per_month >= 0));
ALTER TABLE team ADD CONSTRAINT team_monthly_cap_micros_check CHECK ((monthly_cap_micros >= 0));
ALTER TABLE team ADD CONSTRAINT team_pkey PRIMARY KEY (id);
ALTER TABLE tool_default ADD CONSTRAINT tool_default_pkey PRIMARY KEY (context, tool_id);
ALTER TABLE transfer ADD CONSTRAINT transfer_amount_micros_check CHECK ((amount_micros > 0));
ALTER TABLE transfer ADD CONSTRAINT transfer_check CHECK ((debit <> credit));
ALTER TABLE transfer ADD CONSTRAINT transfer_credit_fkey FOREIGN KEY (credit) REFERENCES ledger_account(id);
ALTER TABLE transfer ADD CONSTRAINT transfer_debit_fkey FOREIGN KEY (debit) REFERENCES ledger_account(id);
ALTER TABLE transfer ADD CONSTRAINT transfer_kind_check CHECK (((kind = 'fund'::text) OR (kind = 'grant'::text) OR (kind = 'charge'::text) OR (kind = 'refund'::text) OR (kind = 'repay'::text) OR (kind = 'adjust'::text)));
ALTER TABLE transfer ADD CONSTRAINT transfer_pending_id_fkey FOREIGN KEY (pending_id) REFERENCES transfer(id);
ALTER TABLE transfer ADD CONSTRAINT transfer_pkey PRIMARY KEY (id);
ALTER TABLE transfer ADD CONSTRAINT transfer_reverses_id_fkey FOREIGN KEY (reverses_id) REFERENCES transfer(id);
ALTER TABLE transfer ADD CONSTRAINT transfer_state_check CHECK (((state = 'pending'::text) OR (state = 'posted'::text) OR (state = 'released'::text) OR (state = 'expired'::text)));
ALTER TABLE trigger_delivery ADD CONSTRAINT trigger_delivery_check CHECK (((status = 'started'::text) = (run_id IS NOT NULL)));
ALTER TABLE trigger_delivery ADD CONSTRAINT trigger_delivery_check1 CHECK (((status = 'accepted'::text) = (settled_at_ms IS NULL)));
ALTER TABLE trigger_delivery ADD CONSTRAINT trigger_delivery_pkey PRIMARY KEY (id);
ALTER TABLE trigger_delivery ADD CONSTRAINT trigger_delivery_status_check CHECK ((status = ANY (ARRAY['accepted'::text, 'started'::text, 'refused'::text, 'ignored'::text])));
ALTER TABLE trigger_delivery ADD CONSTRAINT trigger_delivery_trigger_id_fkey FOREIGN KEY (trigger_id) REFERENCES webhook_trigger(id);
ALTER TABLE trigger_secret ADD CONSTRAINT trigger_secret_pkey PRIMARY KEY (id);
ALTER TABLE trigger_secret ADD CONSTRAINT trigger_secret_trigger_id_fkey FOREIGN KEY (trigger_id) REFERENCES webhook_trigger(id);
ALTER TABLE trigger_secret ADD CONSTRAINT trigger_secret_version_check CHECK ((version > 0));
ALTER TABLE usage_counter ADD CONSTRAINT usage_counter_pkey PRIMARY KEY (scope, period);
ALTER TABLE usage_counter ADD CONSTRAINT usage_counter_runs_check CHECK ((runs >= 0));
ALTER TABLE usage_counter ADD CONSTRAINT usage_counter_used_micros_check CHECK ((used_micros >= 0));
ALTER TABLE variant ADD CONSTRAINT variant_pkey PRIMARY KEY (id);
ALTER TABLE variant ADD CONSTRAINT variant_revision_check CHECK ((revision >= 1));
ALTER TABLE variant_choice ADD CONSTRAINT variant_choice_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE variant_choice ADD CONSTRAINT variant_choice_pkey PRIMARY KEY (run_id);
ALTER TABLE variant_choice ADD CONSTRAINT variant_choice_run_id_fkey FOREIGN KEY (run_id) REFERENCES run(id);
ALTER TABLE variant_choice ADD CONSTRAINT variant_choice_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variant(id);
ALTER TABLE variant_revision ADD CONSTRAINT variant_revision_pkey PRIMARY KEY (variant_id, revision);
ALTER TABLE variant_revision ADD CONSTRAINT variant_revision_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variant(id);
ALTER TABLE webhook_trigger ADD CONSTRAINT webhook_trigger_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE webhook_trigger ADD CONSTRAINT webhook_trigger_budget_micros_check CHECK ((budget_micros >= 0));
ALTER TABLE webhook_trigger ADD CONSTRAINT webhook_trigger_committed_micros_check CHECK ((committed_micros >= 0));
ALTER TABLE webhook_trigger ADD CONSTRAINT webhook_trigger_pkey PRIMARY KEY (id);
ALTER TABLE webhook_trigger ADD CONSTRAINT webhook_trigger_rate_per_minute_check CHECK ((rate_per_minute > 0));
ALTER TABLE webhook_trigger ADD CONSTRAINT webhook_trigger_scheme_check CHECK ((scheme = ANY (ARRAY['standard_webhooks'::text, 'github'::text, 'stripe'::text, 'bearer'::text])));
ALTER TABLE webhook_trigger ADD CONSTRAINT webhook_trigger_status_check CHECK ((status = ANY (ARRAY['active'::text, 'paused'::text, 'removed'::text])));
ALTER TABLE webhook_trigger ADD CONSTRAINT webhook_trigger_version_check CHECK ((version > 0));
ALTER TABLE work_item ADD CONSTRAINT work_item_pkey PRIMARY KEY (key);

CREATE INDEX allowance_age ON public.allowance USING btree (ends_at_ms);
CREATE INDEX api_key_account ON public.api_key USING btree (account_id);
CREATE INDEX artifact_run ON public.artifact USING btree (run_id) WHERE (run_id IS NOT NULL);
CREATE INDEX board_lease_held ON public.board_lease USING btree (context, id) WHERE (released_at_ms IS NULL);
CREATE INDEX budget_raise_in_force ON public.budget_raise USING btree (scope, limit_name, until_ms);
CREATE INDEX budget_request_of_context ON public.budget_request USING btree (context, id);
CREATE UNIQUE INDEX budget_request_open ON public.budget_request USING btree (run_id) WHERE ((status = 'open'::text) AND (run_id IS NOT NULL));
CREATE INDEX callback_run ON public.callback USING btree (run_id);
CREATE UNIQUE INDEX callback_token ON public.callback USING btree (token_hash);
CREATE INDEX chat_message_cause ON public.chat_message USING btree (cause);
CREATE UNIQUE INDEX chat_message_change ON public.chat_message USING btree (conversation, change_seq);
CREATE INDEX chat_message_time ON public.chat_message USING btree (conversation, at_ms, change_seq);
CREATE INDEX command_rule_due ON public.command_rule USING btree (next_at_ms) WHERE (next_at_ms IS NOT NULL);
CREATE INDEX command_rule_listening ON public.command_rule USING btree (id) WHERE ((status = 'active'::text) AND (filter_json IS NOT NULL));
CREATE INDEX command_rule_of_context ON public.command_rule USING btree (context, id) WHERE (status <> 'removed'::text);
CREATE UNIQUE INDEX connection_name ON public.connection USING btree (context, name);
CREATE INDEX email_claim_of_account ON public.email_claim USING btree (account_id);
CREATE UNIQUE INDEX endpoint_name ON public.endpoint USING btree (context, name);
CREATE INDEX event_subject ON public.event USING btree (subject, seq);
CREATE INDEX form_expiring ON public.form USING btree (expires_at_ms) WHERE (status = 'open'::text);
CREATE UNIQUE INDEX form_open ON public.form USING btree (account_id, channel, conversation) WHERE (status = 'open'::text);
CREATE INDEX funds_wait_in_line ON public.funds_wait USING btree (context, created_at_ms, run_id) WHERE (state = 'waiting'::text);
CREATE INDEX funds_wait_of_person ON public.funds_wait USING btree (account_id) WHERE (state = 'waiting'::text);
CREATE INDEX idempotency_age ON public.idempotency USING btree (created_at_ms);
CREATE INDEX identity_account ON public.identity USING btree (account_id);
CREATE INDEX inbox_new ON public.inbox USING btree (channel, conversation, seq) WHERE (status = 'new'::text);
CREATE INDEX invitation_team ON public.invitation USING btree (team_id);
CREATE UNIQUE INDEX job_in_context ON public.job USING btree (context, job_key) WHERE (deleted_at_ms IS NULL);
CREATE INDEX job_public ON public.job USING btree (job_key) WHERE ((visibility = 'public'::text) AND (deleted_at_ms IS NULL));
CREATE INDEX mail_message_of_thread ON public.mail_message USING btree (thread_id);
CREATE INDEX membership_account ON public.membership USING btree (account_id);
CREATE UNIQUE INDEX membership_one_owner ON public.membership USING btree (team_id) WHERE (role = 'owner'::text);
CREATE INDEX memory_by_owner ON public.memory USING btree (owner, at_ms, id);
CREATE INDEX model_call_run ON public.model_call USING btree (run_id, seq);
CREATE INDEX model_call_usage ON public.model_call USING btree (context, began_at_ms);
CREATE INDEX notification_age ON public.notification USING btree (created_at_ms);
CREATE INDEX notification_card ON public.notification USING btree (card_key) WHERE (card_key IS NOT NULL);
CREATE INDEX notification_fold ON public.notification USING btree (account_id, fold_key, created_at_ms) WHERE (fold_key IS NOT NULL);
CREATE INDEX notification_held ON public.notification USING btree (account_id, due_at_ms) WHERE (state = 'held'::text);
CREATE INDEX notification_of_account ON public.notification USING btree (account_id, id);
CREATE INDEX notification_unread ON public.notification USING btree (account_id, id) WHERE (read_at_ms IS NULL);
CREATE UNIQUE INDEX outbox_card ON public.outbox USING btree (channel, conversation, card_key) WHERE (card_key IS NOT NULL);
CREATE INDEX outbox_waiting ON public.outbox USING btree (channel, conversation, seq) WHERE (status = ANY (ARRAY['new'::text, 'sending'::text]));
CREATE INDEX plan_action_of_schedule ON public.plan_action USING btree (schedule_id, id);
CREATE UNIQUE INDEX plan_cycle_live ON public.plan_cycle USING btree (schedule_id) WHERE (ended_at_ms IS NULL);
CREATE INDEX plan_cycle_of_schedule ON public.plan_cycle USING btree (schedule_id, started_at_ms);
CREATE INDEX plan_hint_of_schedule ON public.plan_hint USING btree (schedule_id, until_ms);
CREATE INDEX plan_run_open ON public.plan_run USING btree (schedule_id) WHERE (is_open = 1);
CREATE INDEX proposal_old ON public.proposal USING btree (expires_at_ms);
CREATE UNIQUE INDEX provider_name ON public.provider USING btree (context, name);
CREATE INDEX refresh_token_of_session ON public.refresh_token USING btree (session_id);
CREATE INDEX review_in_context ON public.review USING btree (context, id);
CREATE INDEX review_open ON public.review USING btree (context) WHERE (status = 'open'::text);
CREATE INDEX review_root ON public.review USING btree (root_run_id);
CREATE UNIQUE INDEX review_round ON public.review USING btree (run_id, seq, round);
CREATE INDEX rule_fire_age ON public.rule_fire USING btree (at_ms);
CREATE INDEX rule_fire_newest ON public.rule_fire USING btree (rule_id, id);
CREATE UNIQUE INDEX rule_fire_once ON public.rule_fire USING btree (rule_id, cause_key);
CREATE INDEX run_children ON public.run USING btree (parent_run_id) WHERE (parent_run_id IS NOT NULL);
CREATE INDEX run_live ON public.run USING btree (context) WHERE (finished_at_ms IS NULL);
CREATE INDEX run_of_context ON public.run USING btree (context, id);
CREATE UNIQUE INDEX run_once ON public.run USING btree (idempotency_key) WHERE (idempotency_key IS NOT NULL);
CREATE INDEX schedule_due ON public.schedule USING btree (next_at_ms) WHERE (next_at_ms IS NOT NULL);
CREATE INDEX schedule_fire_open ON public.schedule_fire USING btree (schedule_id) WHERE (is_open = 1);
CREATE INDEX schedule_of_context ON public.schedule USING btree (context, id) WHERE (status <> 'removed'::text);
CREATE UNIQUE INDEX session_id ON public.session USING btree (id);
CREATE INDEX session_of_account ON public.session USING btree (account_id);
CREATE INDEX task_in_hand ON public.task USING btree (status_at_ms) WHERE (status = ANY (ARRAY['claimed'::text, 'in_progress'::text, 'changes_requested'::text]));
CREATE INDEX task_link_on ON public.task_link USING btree (on_id);
CREATE INDEX task_live ON public.task USING btree (context, status, priority) WHERE (status <> ALL (ARRAY['done'::text, 'abandoned'::text]));
CREATE INDEX task_of_context ON public.task USING btree (context, id);
CREATE INDEX task_work_by_agent ON public.task_work USING btree (agent_id);
CREATE UNIQUE INDEX transfer_once ON public.transfer USING btree (idempotency_key) WHERE (idempotency_key IS NOT NULL);
CREATE UNIQUE INDEX transfer_resolved_once ON public.transfer USING btree (pending_id) WHERE (pending_id IS NOT NULL);
CREATE INDEX transfer_reverses ON public.transfer USING btree (reverses_id) WHERE (reverses_id IS NOT NULL);
CREATE INDEX trigger_delivery_age ON public.trigger_delivery USING btree (received_at_ms);
CREATE UNIQUE INDEX trigger_delivery_key ON public.trigger_delivery USING btree (trigger_id, delivery_key);
CREATE INDEX trigger_delivery_newest ON public.trigger_delivery USING btree (trigger_id, id);
CREATE INDEX trigger_delivery_open ON public.trigger_delivery USING btree (trigger_id) WHERE (is_open = 1);
CREATE UNIQUE INDEX trigger_secret_version ON public.trigger_secret USING btree (trigger_id, version);
CREATE INDEX variant_of_run ON public.variant USING btree (run_id);
CREATE INDEX webhook_trigger_of_context ON public.webhook_trigger USING btree (context, id) WHERE (status <> 'removed'::text);
CREATE INDEX work_item_due ON public.work_item USING btree (kind, run_at_ms) WHERE (token IS NULL);
CREATE INDEX work_item_leased ON public.work_item USING btree (lease_until_ms) WHERE (token IS NOT NULL);
CREATE INDEX work_item_turns ON public.work_item USING btree (fair_group, run_at_ms) WHERE ((kind = 'run'::text) AND (token IS NULL));

CREATE TRIGGER entry_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER transfer_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.transfer FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

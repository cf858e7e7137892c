import type { Generated } from 'kysely'

/** The tables as both databases hold them. Text or integers only: times `…_at_ms`, flags 0 or 1, JSON `…_json`, money `…_micros`. */
export interface Schema {
  account: AccountTable
  identity: IdentityTable
  secret_code: SecretCodeTable
  session: SessionTable
  api_key: ApiKeyTable
  team: TeamTable
  membership: MembershipTable
  invitation: InvitationTable
  remembered_context: RememberedContextTable
  linked_chat: LinkedChatTable
  ledger_account: LedgerAccountTable
  transfer: TransferTable
  entry: EntryTable
  usage_counter: UsageCounterTable
  price: PriceTable
  idempotency: IdempotencyTable
  job: JobTable
  job_version: JobVersionTable
  tool_default: ToolDefaultTable
  run: RunTable
  run_step: RunStepTable
  artifact_blob: ArtifactBlobTable
  artifact_blob_piece: ArtifactBlobPieceTable
  artifact: ArtifactTable
  event: EventTable
  work_item: WorkItemTable
  setting: SettingTable
  inbox: InboxTable
  outbox: OutboxTable
  button: ButtonTable
  conversation: ConversationTable
  chat_message: ChatMessageTable
  funds_wait: FundsWaitTable
  budget_request: BudgetRequestTable
  budget_raise: BudgetRaiseTable
  limit_warning: LimitWarningTable
  review: ReviewTable
  review_decision: ReviewDecisionTable
  review_card: ReviewCardTable
  review_reminder: ReviewReminderTable
  schedule: ScheduleTable
  schedule_fire: ScheduleFireTable
  lease: LeaseTable
  endpoint: EndpointTable
  provider: ProviderTable
  callback: CallbackTable
  signing_secret: SigningSecretTable
  variant: VariantTable
  form: FormTable
  variant_revision: VariantRevisionTable
  variant_choice: VariantChoiceTable
  notification: NotificationTable
  notification_delivery: NotificationDeliveryTable
  notification_setting: NotificationSettingTable
  task: TaskTable
  task_link: TaskLinkTable
  board_lease: BoardLeaseTable
  connection: ConnectionTable
  allowance: AllowanceTable
  password: PasswordTable
  email_claim: EmailClaimTable
  refresh_token: RefreshTokenTable
  task_template: TaskTemplateTable
  webhook_trigger: WebhookTriggerTable
  trigger_secret: TriggerSecretTable
  trigger_delivery: TriggerDeliveryTable
  command_rule: CommandRuleTable
  rule_fire: RuleFireTable
  rule_answer: RuleAnswerTable
  rule_cursor: RuleCursorTable
  agent: AgentTable
  agent_turn: AgentTurnTable
  memory: MemoryTable
  task_work: TaskWorkTable
  model_call: ModelCallTable
  model_price: ModelPriceTable
  model_circuit: ModelCircuitTable
  plan: PlanTable
  plan_source: PlanSourceTable
  plan_cycle: PlanCycleTable
  plan_run: PlanRunTable
  plan_hint: PlanHintTable
  plan_action: PlanActionTable
  policy: PolicyTable
  budget: BudgetTable
  budget_use: BudgetUseTable
  proposal: ProposalTable
  mail_thread: MailThreadTable
  mail_message: MailMessageTable
  mail_seen: MailSeenTable
  mail_cursor: MailCursorTable
  mail_question: MailQuestionTable
  mail_answers: MailAnswersTable
  mail_bounce: MailBounceTable
}

export type TeamRole = 'owner' | 'admin' | 'member' | 'viewer'
export type TransferState = 'pending' | 'posted' | 'released' | 'expired'
export type TransferKind = 'fund' | 'grant' | 'charge' | 'refund' | 'repay' | 'adjust'

export interface AccountTable {
  id: string
  handle: string
  display_name: string
  platform_role: 'user' | 'admin'
  time_zone: string
  monthly_cap_micros: bigint | null
  confirm_above_micros: bigint | null
  created_at_ms: number
  disabled_at_ms: number | null
}

export interface IdentityTable {
  channel: string
  external_id: string
  account_id: string
  name: string
  private_conversation: string | null
  created_at_ms: number
}

export interface SecretCodeTable {
  hash: string
  kind: string
  account_id: string | null
  payload_json: string
  created_at_ms: number
  expires_at_ms: number
  used_at_ms: number | null
}

export interface SessionTable {
  hash: string
  account_id: string
  created_at_ms: number
  expires_at_ms: number
  /** How people and access tokens name it; no secret. */
  id: string
  /** How it began: `console_link`, `password`, … */
  way: string
  /** What the client called itself. */
  agent: string
  /** To ten minutes. */
  seen_at_ms: number
  /** Of the refresh token that counts; null for a browser's, which has a cookie. */
  generation: number | null
  refreshed_at_ms: number | null
}

export interface ApiKeyTable {
  id: string
  account_id: string
  name: string
  hash: string
  hint: string
  scopes_json: string
  created_at_ms: number
  expires_at_ms: number | null
  revoked_at_ms: number | null
  last_used_at_ms: number | null
}

export interface TeamTable {
  id: string
  name: string
  monthly_cap_micros: bigint | null
  max_runs_per_month: number | null
  max_members: number | null
  max_runs_at_once: number | null
  confirm_above_micros: bigint | null
  settings_json: string
  created_at_ms: number
  deleted_at_ms: number | null
}

export interface MembershipTable {
  team_id: string
  account_id: string
  role: TeamRole
  spending_cap_micros: bigint | null
  can_invite: number
  created_at_ms: number
}

export interface InvitationTable {
  id: string
  team_id: string
  code_hash: string
  role: TeamRole
  invitee: string | null
  invited_by: string
  status: 'open' | 'accepted' | 'declined' | 'revoked'
  decided_by: string | null
  created_at_ms: number
  expires_at_ms: number
  decided_at_ms: number | null
}

export interface RememberedContextTable {
  account_id: string
  channel: string
  context: string
}

export interface LinkedChatTable {
  channel: string
  conversation: string
  team_id: string
  linked_by: string
  created_at_ms: number
}

export interface LedgerAccountTable {
  id: string
  kind: 'wallet' | 'platform'
  posted_micros: bigint
  pending_micros: bigint
  credit_limit_micros: bigint
  credit_approved_by: string | null
  overdraft_floor_micros: bigint
  entry_seq: number
  created_at_ms: number
  /** Runs that wait for money or room in this wallet. */
  waiters: Generated<number>
}

export interface TransferTable {
  id: string
  debit: string
  credit: string
  amount_micros: bigint
  state: TransferState
  kind: TransferKind
  pending_id: string | null
  run_id: string | null
  step_id: string | null
  actor: string
  context: string | null
  idempotency_key: string | null
  reason: string | null
  reverses_id: string | null
  period: string
  at_ms: number
}

export interface EntryTable {
  account_id: string
  seq: number
  transfer_id: string
  amount_micros: bigint
  balance_after_micros: bigint
}

export interface UsageCounterTable {
  scope: string
  period: string
  used_micros: bigint
  runs: number
}

export interface PriceTable {
  tool_id: string
  effective_at_ms: number
  unit: string
  rate_micros: bigint
  max_micros: bigint
}

export interface IdempotencyTable {
  key: string
  request_hash: string
  response_json: string
  created_at_ms: number
}

export interface JobTable {
  id: string
  context: string
  job_key: string
  version: number
  status: 'draft' | 'published'
  visibility: 'private' | 'team' | 'public'
  created_by: string
  created_at_ms: number
  updated_at_ms: number
  deleted_at_ms: number | null
}

export interface JobVersionTable {
  job_id: string
  version: number
  definition_json: string
  created_by: string
  created_at_ms: number
}

export interface ToolDefaultTable {
  context: string
  tool_id: string
  inputs_json: string
}

export interface RunTable {
  id: string
  context: string
  job_id: string | null
  job_key: string
  job_version: number
  definition_json: string | null
  pins_json: string
  account_id: string
  channel: string
  conversation: string | null
  status: string
  inputs_json: string
  defaults_json: string
  outputs_json: string | null
  error_json: string | null
  estimate_micros: bigint
  max_micros: bigint
  held_micros: bigint
  cost_micros: bigint
  owed_micros: bigint
  holds: number
  parent_run_id: string | null
  parent_seq: number | null
  depth: number
  cancel_reason: string | null
  idempotency_key: string | null
  request_hash: string | null
  created_at_ms: number
  started_at_ms: number | null
  finished_at_ms: number | null
}

export interface RunStepTable {
  run_id: string
  seq: number
  step_id: string
  parent_seq: number | null
  item_index: number | null
  status: string
  attempt: number
  starts: number
  wait_for: string | null
  wake_at_ms: number | null
  pending_output_json: string | null
  output_json: string | null
  error_json: string | null
  cost_micros: bigint
  child_run_id: string | null
  started_at_ms: number | null
  finished_at_ms: number | null
}

export interface ArtifactBlobTable {
  sha256: string
  /** All of a small file, the first piece of a large one. */
  bytes: Uint8Array
}

export interface ArtifactBlobPieceTable {
  sha256: string
  /** From 1 on: the first stands with the blob. */
  piece: number
  bytes: Uint8Array
}

export interface ArtifactTable {
  id: string
  context: string
  account_id: string
  run_id: string | null
  name: string
  media_type: string
  size_bytes: number
  sha256: string
  created_at_ms: number
}

export interface EventTable {
  seq: Generated<number>
  at_ms: number
  type: string
  actor: string
  context: string | null
  subject: string
  details_json: string
}

export interface WorkItemTable {
  key: string
  kind: string
  run_at_ms: number
  fair_group: string
  token: string | null
  lease_until_ms: number
  dirty: number
}

export interface SettingTable {
  key: string
  value_json: string
}

export interface InboxTable {
  seq: Generated<number>
  channel: string
  delivery_id: string
  conversation: string
  payload_json: string
  status: 'new' | 'done' | 'failed'
  tries: number
  received_at_ms: number
  handled_at_ms: number | null
}

export interface OutboxTable {
  seq: Generated<number>
  channel: string
  conversation: string
  card_key: string | null
  cause: string
  reply_json: string | null
  only_for: string | null
  reply_to: string | null
  hints_json: string | null
  status: 'new' | 'sending' | 'sent' | 'undelivered'
  version: number
  sent_version: number
  content_hash: string | null
  message_ref: string | null
  tries: number
  not_before_ms: number
  last_error: string | null
  created_at_ms: number
  sent_at_ms: number | null
}

export interface ButtonTable {
  token: string
  command: string
  once: number
  created_at_ms: number
  used_by: string | null
  used_at_ms: number | null
}

export interface ConversationTable {
  channel: string
  id: string
  change_seq: number
}

export interface ChatMessageTable {
  id: string
  conversation: string
  change_seq: number
  author: 'user' | 'bot'
  cause: string
  parts_json: string
  at_ms: number
  edited_at_ms: number | null
}

/** A run's wait for money or room under a limit: one row for each run that ever waited, for its latest wait. */
export interface FundsWaitTable {
  run_id: string
  context: string
  account_id: string
  /** `funded`: the money is held, and the run's worker does not know yet. */
  state: 'waiting' | 'funded' | 'taken' | 'ended'
  /** 1 while the run has not begun; 0 where its next steps need more than was held. */
  is_start: number
  amount_micros: bigint
  /** To be counted against a limit of runs. */
  runs: number
  limit_name: string
  shortage_json: string
  /** What the request that started the run was answered, where it waited from the start. */
  accepted_json: string | null
  created_at_ms: number
  expires_at_ms: number
  ended_at_ms: number | null
}

export interface BudgetRequestTable {
  id: string
  context: string
  account_id: string
  run_id: string | null
  /** `available` for money in the wallet, else the limit that is to be raised. */
  limit_name: string
  /** The counter of that limit; the context for `available`. */
  scope: string
  amount_micros: bigint
  runs: number
  reason: string | null
  /** When a raise ends. */
  until_ms: number
  status: 'open' | 'granted' | 'declined' | 'expired'
  /** Conversations that have its card. */
  told_json: string
  decided_by: string | null
  decision_reason: string | null
  created_at_ms: number
  expires_at_ms: number
  decided_at_ms: number | null
}

/** Adds to a limit until it ends; never changed. */
export interface BudgetRaiseTable {
  id: string
  request_id: string
  scope: string
  limit_name: string
  amount_micros: bigint
  runs: number
  granted_by: string
  created_at_ms: number
  until_ms: number
}

/** One crossing that somebody was told of. */
export interface LimitWarningTable {
  scope: string
  limit_name: string
  period: string
  /** Of the limit at that time: a changed one is crossed anew. */
  size: string
  /** Percent, or dollars for low balances. */
  threshold: string
  at_ms: number
}

export interface ScheduleTable {
  id: string
  context: string
  account_id: string
  job_key: string
  inputs_json: string
  kind: 'cron' | 'interval' | 'once' | 'planned'
  cron: string | null
  every_ms: number | null
  /** Of `once` its time, of `interval` its first. */
  at_ms: number | null
  time_zone: string
  missed_policy: 'skip' | 'once' | 'all'
  missed_max: number
  budget_micros: bigint | null
  /** What its runs have cost, and what those that go on hold. Kept only where there is a budget. */
  committed_micros: bigint
  expires_at_ms: number | null
  max_runs: number | null
  runs: number
  status: 'active' | 'paused' | 'ended' | 'removed'
  status_reason: string | null
  paused_until_ms: number | null
  /** Up to here slots run however late they are. */
  catch_up_until_ms: number
  next_at_ms: number | null
  /** Why the last slot was refused; null when it was not. */
  refused_code: string | null
  noticed_at_ms: number
  channel: string
  conversation: string | null
  created_at_ms: number
  updated_at_ms: number
}

export interface ScheduleFireTable {
  schedule_id: string
  due_at_ms: number
  by_hand: number
  status: 'started' | 'skipped' | 'missed'
  run_id: string | null
  reason_code: string | null
  reason: string | null
  /** A row that stands for all slots up to here. */
  until_ms: number | null
  at_ms: number
  held_micros: bigint
  /** Its run still counts by what it holds. */
  is_open: number
}

export interface LeaseTable {
  resource: string
  holder: string
  purpose: string
  epoch: number
  ttl_ms: number
  acquired_at_ms: number
  heartbeat_at_ms: number
  released_at_ms: number | null
}

export interface EndpointTable {
  id: string
  context: string
  name: string
  definition_json: string
  created_by: string
  created_at_ms: number
  updated_at_ms: number
  breaker: 'closed' | 'open' | 'half_open'
  open_until_ms: number
  trial_until_ms: number
  failed_1_at_ms: number
  failed_2_at_ms: number
  failed_3_at_ms: number
  failed_4_at_ms: number
  failed_5_at_ms: number
  /** The part of it that is a secret, encrypted; null when there is none. */
  sealed: string | null
}

export interface ProviderTable {
  id: string
  context: string
  name: string
  definition_json: string
  rate_micros: bigint | null
  created_by: string
  created_at_ms: number
  updated_at_ms: number
  /** The part of it that is a secret, encrypted; null when there is none. */
  sealed: string | null
}

export interface CallbackTable {
  key: string
  token_hash: string
  run_id: string
  seq: number
  context: string
  provider_json: string
  state: 'open' | 'received' | 'over'
  provider_run_id: string | null
  outcome_json: string | null
  body_hash: string | null
  polls: number
  next_poll_at_ms: number | null
  created_at_ms: number
  received_at_ms: number | null
  /** The part of it that is a secret, encrypted; null when there is none. */
  sealed: string | null
}

export interface SigningSecretTable {
  context: string
  version: number
  created_by: string
  created_at_ms: number
}

/** A variant that was edited or accepted, or that stands beside what its run brought itself; others have no row. */
export interface VariantTable {
  id: string
  /** The run it is a variant of. */
  run_id: string
  /** The run that made it: the same one, one of its nested runs, or one that was started from it again. */
  source_run_id: string
  revision: number
  /** Null until it is edited: then the outputs are those of its run. */
  outputs_json: string | null
  edited_by: string | null
  edited_at_ms: number | null
  accepted_at_ms: number | null
  created_at_ms: number
}

export interface VariantRevisionTable {
  variant_id: string
  revision: number
  outputs_json: string
  account_id: string
  at_ms: number
}

export interface VariantChoiceTable {
  run_id: string
  variant_id: string
  revision: number
  account_id: string
  channel: string
  at_ms: number
}

export type ReviewStatus = 'open' | 'approved' | 'rejected' | 'changes_requested' | 'expired'

export interface ReviewTable {
  id: string
  context: string
  run_id: string
  root_run_id: string
  seq: number
  step_id: string
  round: number
  title: string
  account_id: string
  kind: 'decide' | 'choose' | 'form'
  prompt: string | null
  terms_json: string
  payload_json: string
  payload_hash: string
  needed: number
  votes: number
  status: ReviewStatus
  outcome_json: string | null
  closed_by: string | null
  closed_reason: string | null
  stood_in_at_ms: number | null
  created_at_ms: number
  closed_at_ms: number | null
}

export interface ReviewDecisionTable {
  review_id: string
  account_id: string
  decision: 'approve' | 'reject' | 'request_changes' | 'choose' | 'submit'
  comment: string | null
  answer_json: string | null
  channel: string
  at_ms: number
}

export interface ReviewCardTable {
  review_id: string
  channel: string
  conversation: string
}

export interface ReviewReminderTable {
  review_id: string
  account_id: string
  at_ms: number
}

export type FormStatus = 'open' | 'sent' | 'dropped' | 'expired'

export interface FormTable {
  id: string
  account_id: string
  channel: string
  conversation: string
  purpose_json: string
  terms_json: string
  answers_json: string
  turns_json: string
  status: FormStatus
  created_at_ms: number
  expires_at_ms: number
}

/** Something that somebody was told, or is yet to be told, or that only stands in their list. */
export interface NotificationTable {
  id: string
  account_id: string
  type: string
  priority: 'low' | 'normal' | 'urgent'
  context: string
  cause: string
  /** In one line, for lists. */
  text: string
  /** The message with its commands; null for a card, which is made when it is delivered. */
  parts_json: string | null
  card_key: string | null
  /** Where it goes for who has not chosen channels; null is everywhere that is usual. */
  place_json: string | null
  /** What it is one more of. */
  fold_key: string | null
  state: 'out' | 'held' | 'listed'
  hold: 'quiet' | 'digest' | null
  due_at_ms: number | null
  created_at_ms: number
  read_at_ms: number | null
}

export interface NotificationDeliveryTable {
  notification_id: string
  outbox_seq: number
}

export interface NotificationSettingTable {
  account_id: string
  settings_json: string
  updated_at_ms: number
}

export type TaskStatus =
  | 'queued'
  | 'claimed'
  | 'in_progress'
  | 'review'
  | 'changes_requested'
  | 'approved'
  | 'merging'
  | 'done'
  | 'blocked'
  | 'failed'
  | 'abandoned'

/** A piece of work on the board of a context. */
export interface TaskTable {
  id: string
  context: string
  title: string
  description: string
  status: TaskStatus
  /** 0 to 100; more is more urgent. */
  priority: number
  labels_json: string
  criteria_json: string
  /** The definition of done: items to check off, like the acceptance criteria. */
  definition_json: string
  needs_json: string
  dependencies_json: string
  /** In words, or the ids of tasks. */
  blockers_json: string
  /** How many of the blockers are words, which nothing but a person takes away. */
  blocker_words: number
  assignee: string | null
  /** Who worked on it since it was last queued: none of them approves it. */
  doers_json: string
  executor_tool: string | null
  executor_inputs_json: string | null
  result_json: string | null
  external_ids_json: string
  attempts: number
  created_by: string
  created_at_ms: number
  updated_at_ms: number
  status_at_ms: number
  nudged_at_ms: number | null
  version: number
}

/** A task that waits for another: a dependency, or a blocker that is a task. */
export interface TaskLinkTable {
  task_id: string
  on_id: string
}

/** Who has what on the board of a context; one row for each resource there ever was. */
export interface BoardLeaseTable {
  id: string
  context: string
  resource: string
  purpose: string
  holder: string
  epoch: number
  ttl_ms: number
  acquired_at_ms: number
  heartbeat_at_ms: number
  released_at_ms: number | null
}

/** A credential of a person, a team or the instance. */
export interface ConnectionTable {
  id: string
  /** `instance` for those of the operator. */
  context: string
  name: string
  provider: string
  settings_json: string
  sealed: string
  /** Of the secret: one more with each new one. */
  version: number
  /** Its last characters. */
  hint: string
  created_by: string
  created_at_ms: number
  rotated_at_ms: number | null
  tested_at_ms: number | null
  test_json: string | null
}

/** How much of a minute's requests is handed out to the processes that count them. */
export interface AllowanceTable {
  /** Of which limit, and whose. */
  whose: string
  taken: number
  /** Of that to whoever asked last. */
  granted: number
  ends_at_ms: number
}

export interface PasswordTable {
  account_id: string
  /** Argon2id, with its parameters and salt. */
  hash: string
  changed_at_ms: number
}

/** Somebody said that this is their address, and has not shown it. */
export interface EmailClaimTable {
  address: string
  account_id: string
  created_at_ms: number
}

export interface RefreshTokenTable {
  hash: string
  session_id: string
  generation: number
  created_at_ms: number
}

/** A task that is made again and again: what is said of it beforehand. */
export interface TaskTemplateTable {
  context: string
  name: string
  fields_json: string
  saved_by: string
  saved_at_ms: number
}

export type SignatureScheme = 'standard_webhooks' | 'github' | 'stripe' | 'bearer'

/** An address to which others send signed requests; each starts a run. */
export interface WebhookTriggerTable {
  id: string
  context: string
  /** Whose rights its runs have. */
  account_id: string
  name: string
  job_key: string
  mapping_json: string
  filter_json: string
  /** A request as it may come, to try the mapping with. */
  example_json: string | null
  scheme: SignatureScheme
  /** Of its secret: one more with each new one. */
  version: number
  /** The last characters of the secret. */
  hint: string
  budget_micros: bigint | null
  /** What its runs have cost, and what those that go on hold. Kept only where there is a budget. */
  committed_micros: bigint
  rate_per_minute: number
  /** The minute that is being counted, and what came in it. */
  window_ms: number
  window_count: number
  /** When a delivery was last turned away because there were too many. */
  capped_at_ms: number
  status: 'active' | 'paused' | 'removed'
  /** Why the last delivery started nothing; null when it did. */
  refused_code: string | null
  refused_reason: string | null
  refused_at_ms: number | null
  noticed_at_ms: number
  last_at_ms: number | null
  created_at_ms: number
  updated_at_ms: number
  rotated_at_ms: number | null
}

export interface TriggerSecretTable {
  id: string
  trigger_id: string
  context: string
  version: number
  sealed: string
  /** Null for the one that counts; the one before may count for a while longer. */
  valid_until_ms: number | null
}

/** A signed request that came to a trigger. */
export interface TriggerDeliveryTable {
  id: string
  trigger_id: string
  /** What a second one of the same is known by. */
  delivery_key: string
  /** The sender's own name for it. */
  external_id: string | null
  status: 'accepted' | 'started' | 'refused' | 'ignored'
  received_at_ms: number
  settled_at_ms: number | null
  /** Headers and body as a mapping sees them, without secrets; null once it is forgotten. */
  payload_json: string | null
  size_bytes: number
  replay_of: string | null
  replayed_by: string | null
  run_id: string | null
  reason_code: string | null
  reason: string | null
  held_micros: bigint
  /** Its run still counts by what it holds. */
  is_open: number
}

/** A command that is said by itself: when an event fits, or at its times. */
export interface CommandRuleTable {
  id: string
  context: string
  /** Who says it. */
  account_id: string
  name: string
  command: string
  filter_json: string | null
  rhythm_json: string | null
  rate_per_hour: number
  window_ms: number
  window_count: number
  /** Events up to here are none of its business. */
  since_seq: number
  next_at_ms: number | null
  status: 'active' | 'paused' | 'ended' | 'removed'
  status_reason: string | null
  fires: number
  last_at_ms: number | null
  created_at_ms: number
  updated_at_ms: number
}

export interface RuleFireTable {
  id: string
  rule_id: string
  /** `event:42`, `at:1790000000000`: at most one fire of a rule for each. */
  cause_key: string
  /** Who says it. */
  account_id: string
  status: 'said' | 'answered' | 'refused' | 'stopped' | 'capped'
  event_seq: number | null
  event_type: string | null
  /** The rules that led here, this one last. */
  chain_json: string
  command: string
  reason: string | null
  at_ms: number
}

/** What was answered to the command of a fire; a card that changes is one row. */
export interface RuleAnswerTable {
  fire_id: string
  message_key: string
  text: string
  at_ms: number
}

/** How far events were looked at. */
export interface RuleCursorTable {
  name: string
  seq: number
}

export interface AgentTable {
  id: string
  context: string
  /** Unique in its context, also among those that are retired. */
  name: string
  role: string
  status: 'active' | 'paused' | 'retired'
  profile_json: string
  /** One more with each change. */
  version: number
  hired_by: string
  hired_at_ms: number
  /** When it last did something. */
  seen_at_ms: number | null
}

export interface MemoryTable {
  id: string
  /** The key of a context: a person's own or a team's. Nobody else recalls it. */
  owner: string
  text: string
  /** An account, or the agent that proposed it. */
  saved_by: string
  at_ms: number
  /** What from outside had been seen when it was saved, in words; null for what people wrote, and for an agent that had seen nothing. */
  outside: string | null
}

/** How far the agent is that has a task. */
export interface TaskWorkTable {
  task_id: string
  agent_id: string
  /** Who gave it: in their name it is done, with the rights they have at each moment. */
  account_id: string
  channel: string
  conversation: string | null
  phase: 'work' | 'check' | 'review' | 'merge'
  /** One more with each time the work is done anew: part of the names of its runs. */
  round: number
  /** What is waited for. */
  run_id: string | null
  /** What is to be different this time. */
  comment: string | null
  verdicts_json: string
  effects_json: string
  cost_micros: bigint
  /** Why it did not go on. */
  error: string | null
}

/** One question to a model: written before it is asked, and again when it was answered. */
export interface ModelCallTable {
  id: string
  run_id: string
  seq: number
  attempt: number
  context: string
  account_id: string
  job_key: string
  tool_id: string
  provider: string
  model: string
  /** The one whose secret was shown; null for the mock. */
  connection: string | null
  status: 'begun' | 'ended' | 'failed' | 'aborted'
  error_code: string | null
  /** What is expected until it ends. */
  input_tokens: number
  output_tokens: number
  cached_input_tokens: number
  /** The provider did not say what was used. */
  is_estimated: number
  cost_micros: bigint
  /** Its cost stands with its step. */
  is_charged: number
  began_at_ms: number
  ended_at_ms: number | null
}

/** What a million tokens of a model cost from a time on. */
export interface ModelPriceTable {
  provider: string
  /** Empty where it holds for every connection to the provider. */
  connection: string
  /** `*` for every model behind a connection. */
  model: string
  effective_at_ms: number
  input_micros: bigint
  output_micros: bigint
  cached_input_micros: bigint
  context_tokens: number | null
  output_tokens_max: number | null
  /** Null for what came with the program. */
  set_by: string | null
}

/** Whether a connection to models rests; no row for one that has never failed. */
export interface ModelCircuitTable {
  /** `openai/conn_…` */
  id: string
  breaker: 'closed' | 'open' | 'half_open'
  open_until_ms: number
  trial_until_ms: number
  failed_1_at_ms: number
  failed_2_at_ms: number
  failed_3_at_ms: number
  failed_4_at_ms: number
  failed_5_at_ms: number
}

/** What a planned schedule is after, and what it has learned. */
export interface PlanTable {
  schedule_id: string
  context: string
  settings_json: string
  /** The last plan that was fit to run: what is done where no model answers. */
  last_plan_json: string | null
  /** Cycles in a row in which much failed. */
  troubles: number
  model_failures: number
  /** Until then no model is asked. */
  model_rests_until_ms: number
  /** How often in a row the same was planned from the same, with the same answers. */
  repeats: number
  fingerprint: string | null
  noticed_code: string | null
  noticed_at_ms: number
  updated_at_ms: number
}

/** How it goes with what a planned schedule may call: an endpoint by its name, or `job:<name>`. */
export interface PlanSourceTable {
  schedule_id: string
  name: string
  state: 'ok' | 'warned' | 'disabled'
  /** The last calls, oldest first: 1 went well, 0 failed. */
  window_json: string
  failed_in_a_row: number
  rests_until_ms: number
  last_called_at_ms: number | null
  changed_at_ms: number
  /** An account, or `system`. */
  changed_by: string
}

/** One time a planned schedule came round. */
export interface PlanCycleTable {
  id: string
  schedule_id: string
  context: string
  due_at_ms: number
  by_hand: number
  status: 'planning' | 'repairing' | 'running' | 'scheduling' | 'done' | 'failed'
  /** What it waits for; null only where there was nothing to run at all. */
  run_id: string | null
  /** What was known when it was planned, in sentences. */
  known_json: string
  plan_json: string | null
  /** What was repaired, dropped or done instead, in sentences. */
  notes_json: string
  outcome_json: string | null
  advice_json: string | null
  /** The next time, and who decided it. */
  next_json: string | null
  error_json: string | null
  tokens: number
  cost_micros: bigint
  is_mock: number
  started_at_ms: number
  ended_at_ms: number | null
}

/** Each run of a cycle, and what it counts for in the budget of the schedule. */
export interface PlanRunTable {
  schedule_id: string
  due_at_ms: number
  by_hand: number
  stage: 'plan' | 'repair' | 'run' | 'next'
  run_id: string
  held_micros: bigint
  is_open: number
}

/** What somebody, or a model, has said about when it should come; it ends by itself. */
export interface PlanHintTable {
  id: string
  schedule_id: string
  context: string
  said_by: 'person' | 'model'
  account_id: string | null
  every_ms: number | null
  at_ms: number | null
  note: string | null
  until_ms: number
  created_at_ms: number
}

/** What a model has recommended, and what became of it. */
export interface PlanActionTable {
  id: string
  schedule_id: string
  context: string
  cycle_id: string
  place: number
  action: string
  details_json: string
  /** The same for the same recommendation, however it is reasoned. */
  same_key: string
  status: 'applied' | 'asked' | 'declined' | 'dropped'
  reason: string | null
  decided_by: string | null
  created_at_ms: number
  decided_at_ms: number | null
}

/** What a context, or the instance, says about models. */
export interface PolicyTable {
  /** A context or `instance`. */
  context: string
  document_json: string
  /** One more with each change. */
  version: number
  updated_by: string
  updated_at_ms: number
}

export interface BudgetTable {
  id: string
  context: string
  /** `team`, `run`, `job:<name>`, `agent:<id>`, `schedule:<id>`, `provider:<name>`, `person:<account>`. */
  subject: string
  period: 'run' | 'day' | 'month'
  limit_micros: bigint
  warn_percent: number
  /** 1: nothing is held beyond it; 0: it only warns. */
  is_stop: number
  version: number
  created_by: string
  created_at_ms: number
  updated_at_ms: number
}

/** What a hold has counted in a budget, and for which of its periods. */
export interface BudgetUseTable {
  hold_id: string
  budget_id: string
  period: string
  amount_micros: bigint
}

/** A command line that was understood from somebody's plain words. */
export interface ProposalTable {
  id: string
  /** Whose words they were; nobody else says yes to it. */
  account_id: string
  channel: string
  conversation: string
  /** The person's id on the platform, where others read along. */
  only_for: string | null
  context: string
  /** `asked`: a model is looking at it. `open`, then perhaps `sure`: it waits for a press. `void`: nothing was understood. */
  state: 'asked' | 'open' | 'sure' | 'done' | 'dropped' | 'void'
  line: string | null
  target: 'command' | 'job' | null
  /** It is asked about once more before it is done. */
  needs_sure: 0 | 1
  /** The run that asked a model. */
  run_id: string | null
  created_at_ms: number
  expires_at_ms: number
}

/** One thing an agent did or learned in a step, in its order. */
export interface AgentTurnTable {
  run_id: string
  seq: number
  /** Which group of tries: one more each time a person has the step done again. */
  attempt_group: number
  /** From 1. */
  turn: number
  kind: 'start' | 'model' | 'lost' | 'call' | 'approval' | 'result'
  /** Something from outside came in with it. */
  is_tainted: 0 | 1
  cost_micros: bigint
  /** What it cost stands with the step as well. */
  is_charged: 0 | 1
  took_ms: number
  at_ms: number
  json: string
}

/** One conversation by mail with one address. */
export interface MailThreadTable {
  id: string
  address: string
  /** As the first mail had it, without `Re:`. */
  subject: string
  /** Message-IDs in order, for `References`. */
  refs_json: string
  /** The last mail of the person, which answers reply to. */
  last_in: string | null
  created_at_ms: number
}

export interface MailMessageTable {
  message_id: string
  thread_id: string
  is_ours: number
  /** What a reply to it may say: buttons and the form in it. */
  offers_json: string | null
  /** Whether the mail server took it; always 1 for what came in. */
  is_sent: number
  at_ms: number
}

/** Message-IDs and signatures that were taken once. */
export interface MailSeenTable {
  mark: string
  at_ms: number
}

export interface MailCursorTable {
  mailbox: string
  /** As text: it may be any 32-bit number, and only equality counts. */
  uid_validity: string
  uid: number
  at_ms: number
}

/** A mail that is not enough by itself, until somebody confirms it. */
export interface MailQuestionTable {
  code_hash: string
  account_id: string
  address: string
  mail_json: string
  expires_at_ms: number
  used_at_ms: number | null
}

export interface MailAnswersTable {
  address: string
  hour: number
  answers: number
}

export interface MailBounceTable {
  address: string
  is_hard: number
  reason: string
  count: number
  at_ms: number
}

import type { Migration } from './migration.ts'

// Frozen: a later change of the schema is a new migration.

const reviews = `
CREATE TABLE review (
  id TEXT NOT NULL PRIMARY KEY,
  context TEXT NOT NULL,
  run_id TEXT NOT NULL REFERENCES run (id),
  root_run_id TEXT NOT NULL REFERENCES run (id),
  seq {int} NOT NULL,
  step_id TEXT NOT NULL,
  round {int} NOT NULL,
  title TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  kind TEXT NOT NULL CHECK (kind IN ('decide', 'choose', 'form')),
  prompt TEXT,
  terms_json TEXT NOT NULL,
  payload_json TEXT NOT NULL,
  payload_hash TEXT NOT NULL,
  needed {int} NOT NULL CHECK (needed >= 1),
  votes {int} NOT NULL CHECK (votes >= 0),
  status TEXT NOT NULL CHECK (status IN ('open', 'approved', 'rejected', 'changes_requested', 'expired')),
  outcome_json TEXT,
  closed_by TEXT REFERENCES account (id),
  closed_reason TEXT,
  stood_in_at_ms {int},
  created_at_ms {int} NOT NULL,
  closed_at_ms {int},
  CHECK ((status = 'open') = (closed_at_ms IS NULL))
){table};
CREATE UNIQUE INDEX review_round ON review (run_id, seq, round);
CREATE INDEX review_root ON review (root_run_id);
CREATE INDEX review_in_context ON review (context, id);
CREATE INDEX review_open ON review (context) WHERE status = 'open';

CREATE TABLE review_decision (
  review_id TEXT NOT NULL REFERENCES review (id),
  account_id TEXT NOT NULL REFERENCES account (id),
  decision TEXT NOT NULL CHECK (decision IN ('approve', 'reject', 'request_changes', 'choose', 'submit')),
  comment TEXT,
  answer_json TEXT,
  channel TEXT NOT NULL,
  at_ms {int} NOT NULL,
  PRIMARY KEY (review_id, account_id)
){keyed};

CREATE TABLE review_card (
  review_id TEXT NOT NULL REFERENCES review (id),
  channel TEXT NOT NULL,
  conversation TEXT NOT NULL,
  PRIMARY KEY (review_id, channel, conversation)
){keyed};

CREATE TABLE review_reminder (
  review_id TEXT NOT NULL REFERENCES review (id),
  account_id TEXT NOT NULL REFERENCES account (id),
  at_ms {int} NOT NULL,
  PRIMARY KEY (review_id, account_id)
){keyed};

CREATE TABLE awaited_reply (
  account_id TEXT NOT NULL REFERENCES account (id),
  channel TEXT NOT NULL,
  command TEXT NOT NULL,
  expires_at_ms {int} NOT NULL,
  PRIMARY KEY (account_id, channel)
){keyed};
`

const TABLES = [...reviews.matchAll(/CREATE TABLE (\w+)/g)]

export const addReviews: Migration = {
  name: '0003-reviews',
  up: () => reviews.split(/;\n/),
  down: () => TABLES.map(([, name]) => `DROP TABLE ${name}`).reverse(),
}

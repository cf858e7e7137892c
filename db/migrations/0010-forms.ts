import type { Migration } from './migration.ts'

// Frozen: a later change of the schema is a new migration.

const forms = `
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
  created_at_ms {int} NOT NULL,
  expires_at_ms {int} NOT NULL
){table};
CREATE UNIQUE INDEX form_open ON form (account_id, channel, conversation) WHERE status = 'open';
CREATE INDEX form_expiring ON form (expires_at_ms) WHERE status = 'open';
`

const awaitedReply = `
CREATE TABLE awaited_reply (
  account_id TEXT NOT NULL REFERENCES account (id),
  channel TEXT NOT NULL,
  command TEXT NOT NULL,
  expires_at_ms {int} NOT NULL,
  PRIMARY KEY (account_id, channel)
){keyed}`

const statementsOf = (sql: string): string[] =>
  sql
    .split(';')
    .map((one) => one.trim())
    .filter(Boolean)

/** What somebody is filling in. It also asks for the one text that a command waits for. */
export const addForms: Migration = {
  name: '0010-forms',
  up: () => ['DROP TABLE awaited_reply', ...statementsOf(forms)],
  down: () => ['DROP TABLE form', ...statementsOf(awaitedReply)],
}

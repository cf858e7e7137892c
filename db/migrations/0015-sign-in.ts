import type { Migration } from './migration.ts'

/** Passwords, addresses of mail, and sessions that people can tell apart and programs can refresh. */
export const signIn: Migration = {
  name: '0015-sign-in',
  up: () => [
    'ALTER TABLE session ADD COLUMN id TEXT',
    "ALTER TABLE session ADD COLUMN way TEXT NOT NULL DEFAULT 'before'",
    "ALTER TABLE session ADD COLUMN agent TEXT NOT NULL DEFAULT ''",
    'ALTER TABLE session ADD COLUMN seen_at_ms {int} NOT NULL DEFAULT 0',
    'ALTER TABLE session ADD COLUMN generation {int}',
    'ALTER TABLE session ADD COLUMN refreshed_at_ms {int}',
    "UPDATE session SET id = 'ses_' || substr(hash, 1, 20), seen_at_ms = created_at_ms",
    'CREATE UNIQUE INDEX session_id ON session (id)',
    'CREATE INDEX session_of_account ON session (account_id)',
    `CREATE TABLE refresh_token (
  hash TEXT NOT NULL PRIMARY KEY,
  session_id TEXT NOT NULL,
  generation {int} NOT NULL,
  created_at_ms {int} NOT NULL
){keyed}`,
    'CREATE INDEX refresh_token_of_session ON refresh_token (session_id)',
    `CREATE TABLE password (
  account_id TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
  hash TEXT NOT NULL,
  changed_at_ms {int} NOT NULL
){keyed}`,
    `CREATE TABLE email_claim (
  address TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  created_at_ms {int} NOT NULL
){keyed}`,
    'CREATE INDEX email_claim_of_account ON email_claim (account_id)',
  ],
  down: () => [
    'DROP TABLE email_claim',
    'DROP TABLE password',
    'DROP TABLE refresh_token',
    'DROP INDEX session_of_account',
    'DROP INDEX session_id',
    // What programs hold cannot be told from a cookie any more.
    'DELETE FROM session WHERE generation IS NOT NULL',
    ...['refreshed_at_ms', 'generation', 'seen_at_ms', 'agent', 'way', 'id'].map(
      (column) => `ALTER TABLE session DROP COLUMN ${column}`,
    ),
  ],
}

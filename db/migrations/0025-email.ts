import type { Migration } from './migration.ts'

/**
 * Threads and messages of mail, what was seen once, how far a mailbox was read, mails that wait for a click, and addresses
 * that take nothing any more. Addresses and texts of people stand only where a thread or a question needs them.
 */
export const email: Migration = {
  name: '0025-email',
  up: () => [
    `CREATE TABLE mail_thread (
  id TEXT PRIMARY KEY,
  address TEXT NOT NULL,
  subject TEXT NOT NULL,
  refs_json TEXT NOT NULL,
  last_in TEXT,
  created_at_ms {int} NOT NULL
){keyed}`,
    `CREATE TABLE mail_message (
  message_id TEXT PRIMARY KEY,
  thread_id TEXT NOT NULL REFERENCES mail_thread (id),
  is_ours {int} NOT NULL CHECK (is_ours IN (0, 1)),
  offers_json TEXT,
  is_sent {int} NOT NULL CHECK (is_sent IN (0, 1)),
  at_ms {int} NOT NULL
){keyed}`,
    'CREATE INDEX mail_message_of_thread ON mail_message (thread_id)',
    'CREATE TABLE mail_seen (mark TEXT PRIMARY KEY, at_ms {int} NOT NULL){keyed}',
    `CREATE TABLE mail_cursor (
  mailbox TEXT PRIMARY KEY,
  uid_validity TEXT NOT NULL,
  uid {int} NOT NULL,
  at_ms {int} NOT NULL
){keyed}`,
    `CREATE TABLE mail_question (
  code_hash TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  address TEXT NOT NULL,
  mail_json TEXT NOT NULL,
  expires_at_ms {int} NOT NULL,
  used_at_ms {int}
){keyed}`,
    `CREATE TABLE mail_answers (
  address TEXT NOT NULL,
  hour {int} NOT NULL,
  answers {int} NOT NULL CHECK (answers > 0),
  PRIMARY KEY (address, hour)
){keyed}`,
    `CREATE TABLE mail_bounce (
  address TEXT PRIMARY KEY,
  is_hard {int} NOT NULL CHECK (is_hard IN (0, 1)),
  reason TEXT NOT NULL,
  count {int} NOT NULL,
  at_ms {int} NOT NULL
){keyed}`,
  ],
  down: () =>
    ['bounce', 'answers', 'question', 'cursor', 'seen', 'message', 'thread'].map((name) => `DROP TABLE mail_${name}`),
}

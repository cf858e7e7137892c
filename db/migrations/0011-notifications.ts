import type { Migration } from './migration.ts'

// Frozen: a later change of the schema is a new migration.

const tables = `
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
  due_at_ms {int},
  created_at_ms {int} NOT NULL,
  read_at_ms {int},
  CHECK ((state = 'held') = (hold IS NOT NULL)),
  CHECK ((state = 'held') = (due_at_ms IS NOT NULL))
){table};
CREATE INDEX notification_of_account ON notification (account_id, id);
CREATE INDEX notification_unread ON notification (account_id, id) WHERE read_at_ms IS NULL;
CREATE INDEX notification_held ON notification (account_id, due_at_ms) WHERE state = 'held';
CREATE INDEX notification_card ON notification (card_key) WHERE card_key IS NOT NULL;
CREATE INDEX notification_fold ON notification (account_id, fold_key, created_at_ms) WHERE fold_key IS NOT NULL;
CREATE INDEX notification_age ON notification (created_at_ms);

CREATE TABLE notification_delivery (
  notification_id TEXT NOT NULL REFERENCES notification (id) ON DELETE CASCADE,
  outbox_seq {int} NOT NULL,
  PRIMARY KEY (notification_id, outbox_seq)
){keyed};

CREATE TABLE notification_setting (
  account_id TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
  settings_json TEXT NOT NULL,
  updated_at_ms {int} NOT NULL
){keyed};
`

export const notifications: Migration = {
  name: '0011-notifications',
  up: () => tables.split(/;\n/),
  down: () => ['DROP TABLE notification_setting', 'DROP TABLE notification_delivery', 'DROP TABLE notification'],
}

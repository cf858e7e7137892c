import type { Migration } from './migration.ts'

/** Command lines that were understood from what somebody said in plain words, and wait for them to say yes. */
export const words: Migration = {
  name: '0024-words',
  up: () => [
    `CREATE TABLE proposal (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  channel TEXT NOT NULL,
  conversation TEXT NOT NULL,
  only_for TEXT,
  context TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('asked', 'open', 'sure', 'done', 'dropped', 'void')),
  line TEXT,
  target TEXT CHECK (target IN ('command', 'job')),
  needs_sure {int} NOT NULL CHECK (needs_sure IN (0, 1)),
  run_id TEXT,
  created_at_ms {int} NOT NULL,
  expires_at_ms {int} NOT NULL,
  CHECK (state IN ('asked', 'void') OR (line IS NOT NULL AND target IS NOT NULL))
){keyed}`,
    'CREATE INDEX proposal_old ON proposal (expires_at_ms)',
  ],
  down: () => ['DROP TABLE proposal'],
}

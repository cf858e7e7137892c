import type { Migration } from './migration.ts'

/** What agents remember for a person or a team, and how far the agent is that has a task. */
export const agentMemory: Migration = {
  name: '0022-agent-memory',
  up: () => [
    `CREATE TABLE memory (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  text TEXT NOT NULL,
  saved_by TEXT NOT NULL,
  at_ms {int} NOT NULL
){keyed}`,
    'CREATE INDEX memory_by_owner ON memory (owner, at_ms, id)',
    `CREATE TABLE task_work (
  task_id TEXT PRIMARY KEY REFERENCES task (id),
  agent_id TEXT NOT NULL REFERENCES agent (id),
  account_id TEXT NOT NULL REFERENCES account (id),
  channel TEXT NOT NULL,
  conversation TEXT,
  phase TEXT NOT NULL CHECK (phase IN ('work', 'check', 'review', 'merge')),
  round {int} NOT NULL,
  run_id TEXT,
  comment TEXT,
  verdicts_json TEXT NOT NULL,
  effects_json TEXT NOT NULL,
  cost_micros {int} NOT NULL CHECK (cost_micros >= 0),
  error TEXT
){keyed}`,
    'CREATE INDEX task_work_by_agent ON task_work (agent_id)',
  ],
  down: () => ['DROP TABLE task_work', 'DROP TABLE memory'],
}

import type { Migration } from './migration.ts'

/** What an agent did, turn by turn: written before the next turn begins, and never changed. */
export const agentRun: Migration = {
  name: '0021-agent-run',
  up: () => [
    `CREATE TABLE agent_turn (
  run_id TEXT NOT NULL REFERENCES run (id),
  seq {int} NOT NULL,
  attempt_group {int} NOT NULL,
  turn {int} NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('start', 'model', 'lost', 'call', 'approval', 'result')),
  is_tainted {int} NOT NULL CHECK (is_tainted IN (0, 1)),
  cost_micros {int} NOT NULL CHECK (cost_micros >= 0),
  is_charged {int} NOT NULL CHECK (is_charged IN (0, 1)),
  took_ms {int} NOT NULL,
  at_ms {int} NOT NULL,
  json TEXT NOT NULL,
  PRIMARY KEY (run_id, seq, attempt_group, turn)
){keyed}`,
  ],
  down: () => ['DROP TABLE agent_turn'],
}

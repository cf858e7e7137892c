/** Something that can do durable three-step runs, one at a time or many side by side. */
export interface Contestant {
  /** One run from its beginning to its end, with what it brought delivered. */
  one(slot: number): Promise<void>
  stop(): Promise<void>
}

/** Who takes part; peers stand in `peers/` and are installed apart from the project. */
export const CONTESTANTS: Record<string, { module: string; needs?: 'redis' | 'postgres' | 'file'; label: string }> = {
  muster: { module: '../engine.ts', needs: 'file', label: 'Muster on SQLite (runs, steps, ledger, events, outbox)' },
  'muster-effects': { module: '../engine.ts#effects', needs: 'file', label: 'the same, each step stored by itself' },
  raw: { module: '../raw.ts', needs: 'file', label: 'the same rows by hand, better-sqlite3, 50 runs a commit' },
  naive: { module: '../naive.ts', needs: 'file', label: 'the same rows, stock Kysely, a transaction per change' },
  'bullmq-job': {
    module: './bullmq.mjs#job',
    needs: 'redis',
    label: 'BullMQ, three steps inside one job, each stored',
  },
  'bullmq-chain': { module: './bullmq.mjs#chain', needs: 'redis', label: 'BullMQ, a chain of three jobs' },
  'bullmq-flow': { module: './bullmq.mjs#flow', needs: 'redis', label: 'BullMQ, a flow of three jobs' },
  'muster-postgres': { module: '../engine.ts', needs: 'postgres', label: 'Muster on Postgres' },
  'pg-boss': { module: './pgboss.mjs', needs: 'postgres', label: 'pg-boss, a chain of three jobs, in batches of 50' },
  graphile: { module: './graphile.mjs', needs: 'postgres', label: 'graphile-worker, a chain of three jobs' },
  dbos: { module: './dbos.mjs', needs: 'postgres', label: 'DBOS, a workflow of three steps' },
}

import process from 'node:process'
import type { Clock } from '../clock.ts'
import type { Db } from '../db.ts'
import { PgBossWorkStore } from './pgboss.ts'
import type { WorkStore } from './queue.ts'
import { SqliteWorkStore } from './sqlite.ts'

export interface WorkStoreOptions {
  db: Db
  databaseUrl: string
  clock: Clock
  newToken(): string
  onError(error: Error): void
}

export function createWorkStore({ db, databaseUrl, clock, newToken, onError }: WorkStoreOptions): WorkStore {
  if (db.dialect === 'postgres') return new PgBossWorkStore({ db, url: databaseUrl, clock, newToken, onError })
  return new SqliteWorkStore({ db, clock, newToken, processId: process.pid, isAlive })
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    // It is there but belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

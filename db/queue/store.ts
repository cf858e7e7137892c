import process from 'node:process'
import type { Clock } from '../clock.ts'
import type { Db } from '../db.ts'
import { PgBossWorkStore } from './pgboss.ts'
import type { RunLimits, WorkStore } from './queue.ts'
import { TableWorkStore } from './table.ts'

export interface WorkStoreOptions {
  db: Db
  databaseUrl: string
  clock: Clock
  limits: RunLimits
  newToken(): string
  onError(error: Error): void
}

export function createWorkStore({ databaseUrl, onError, ...options }: WorkStoreOptions): WorkStore {
  if (options.db.dialect === 'postgres') return new PgBossWorkStore({ ...options, url: databaseUrl, onError })
  return new TableWorkStore({ ...options, machine: { processId: process.pid, isAlive } })
}

/** Whether a process of this machine is there. */
export function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    // It is there but belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

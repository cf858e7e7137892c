import type { Migration } from './migration.ts'

/** What from outside an agent had seen when it wanted something remembered. */
export const memoryOrigin: Migration = {
  name: '0026-memory-origin',
  up: () => ['ALTER TABLE memory ADD COLUMN outside TEXT'],
  down: () => ['ALTER TABLE memory DROP COLUMN outside'],
}

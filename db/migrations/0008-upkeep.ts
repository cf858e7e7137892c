import type { Migration } from './migration.ts'

/** Answers that were kept for requests that may come again are found by their age. */
export const upkeep: Migration = {
  name: '0008-upkeep',
  up: () => ['CREATE INDEX idempotency_age ON idempotency (created_at_ms)'],
  down: () => ['DROP INDEX idempotency_age'],
}

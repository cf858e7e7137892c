import type { Migration } from './migration.ts'

/** Tasks to be made again and again, under a name. */
export const taskTemplates: Migration = {
  name: '0017-mcp',
  up: () => [
    `CREATE TABLE task_template (
  context TEXT NOT NULL,
  name TEXT NOT NULL,
  fields_json TEXT NOT NULL,
  saved_by TEXT NOT NULL REFERENCES account (id),
  saved_at_ms {int} NOT NULL,
  PRIMARY KEY (context, name)
){keyed}`,
  ],
  down: () => ['DROP TABLE task_template'],
}

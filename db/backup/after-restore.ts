import type { Dialect } from '../db.ts'

/**
 * What a restored database is told before anybody works on it. What was under way when the backup was taken has ended since,
 * or nobody knows:
 * - What was to go out then may have gone out: it goes out again only with the words that it may be a duplicate. So does all
 *   that comes of runs and messages that were under way; who that is, is kept under `restored`.
 * - Nobody works on anything: claims and leases are those of processes that are gone.
 * The web chat is left out: what it shows is in this very database.
 */
export function afterRestore(dialect: Dialect, { takenAtMs, nowMs }: { takenAtMs: number; nowMs: number }): string[] {
  const [list, object, json] =
    dialect === 'sqlite'
      ? ['json_group_array(cause)', 'json_object', '']
      : ["coalesce(json_agg(cause), '[]')", 'json_build_object', '::text']
  // On SQLite a list that comes out of a query of its own is text until it is said to be JSON.
  const asJson = dialect === 'sqlite' ? 'json' : ''
  const causes = `SELECT ${list} FROM (
    SELECT id AS cause FROM run WHERE finished_at_ms IS NULL
    UNION ALL SELECT 'in:' || seq FROM inbox WHERE status = 'new') AS under_way`
  return [
    "DELETE FROM setting WHERE key = 'restored'",
    `INSERT INTO setting (key, value_json)
      VALUES ('restored', ${object}('takenAtMs', ${takenAtMs}, 'atMs', ${nowMs}, 'causes', ${asJson}((${causes})))${json})`,
    `UPDATE outbox SET status = 'sending'
      WHERE status = 'new' AND message_ref IS NULL AND channel <> 'web'`,
    'UPDATE work_item SET token = NULL, lease_until_ms = 0 WHERE token IS NOT NULL',
    `UPDATE lease SET released_at_ms = ${nowMs} WHERE released_at_ms IS NULL`,
  ]
}

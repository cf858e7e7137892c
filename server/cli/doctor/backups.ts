import type { Db } from '#db/db.ts'
import { findSetting } from '#db/settings.ts'
import { LAST_BACKUP } from '../backup.ts'
import { type Check, ok, warn } from './check.ts'

const NAME = 'Backup'
const DAY_MS = 24 * 3_600_000
const OLD_MS = 7 * DAY_MS
const FIX = 'Run: npm run muster -- backup <file>, from cron each night.'

/** When `muster backup` was last made of this database. What others make (a provider, pg_dump) it does not know of. */
export async function checkBackup(db: Db, nowMs: number): Promise<Check> {
  const row = await findSetting.first(db, { key: LAST_BACKUP })
  if (!row) return warn(NAME, 'none was made with muster backup', FIX)
  const { atMs, file } = JSON.parse(row.value_json) as { atMs: number; file: string }
  const ageMs = nowMs - atMs
  const words = `${file}, ${ageMs < DAY_MS ? 'within a day' : `${Math.floor(ageMs / DAY_MS)} days ago`}`
  return ageMs > OLD_MS ? warn(NAME, `${words}: that is long`, FIX) : ok(NAME, words)
}

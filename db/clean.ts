import Database from 'better-sqlite3'

/** Tables of which old rows may have been in clear. */
const TABLES = ['endpoint', 'provider', 'callback'] as const

/**
 * Writes tables anew, so that nothing is left in the files of what was changed or deleted before. Others wait for it: on
 * SQLite for the whole file.
 */
export async function rewriteFiles(url: string): Promise<void> {
  if (url.startsWith('sqlite:')) {
    const db = new Database(url.slice('sqlite:'.length))
    try {
      db.pragma('busy_timeout = 10000')
      db.exec('VACUUM')
      db.pragma('wal_checkpoint(TRUNCATE)')
    } finally {
      db.close()
    }
    return
  }
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const table of TABLES) await client.query(`VACUUM FULL ${table}`)
  } finally {
    await client.end()
  }
}

import { askDatabase } from '#tests/e2e/support/sql.ts'

export interface MailCounts {
  /** How often a mail was taken, by its Message-ID. */
  inbox: Record<string, number>
  teams: Record<string, number>
  /** What was taken and not carried out, or waits to go out. */
  waiting: number
}

/** As the database has it, past everything of ours. */
export async function countsOf({ databaseUrl }: { databaseUrl: string }): Promise<MailCounts> {
  const ask = async (sql: string): Promise<Record<string, number>> => {
    const rows = await askDatabase(databaseUrl, sql)
    return Object.fromEntries(rows.map(({ name, times }) => [String(name), Number(times)]))
  }
  return {
    inbox: await ask('SELECT delivery_id AS name, count(*) AS times FROM inbox GROUP BY delivery_id'),
    teams: await ask('SELECT name, count(*) AS times FROM team GROUP BY name'),
    waiting: Object.values(
      await ask(`SELECT 'inbox' AS name, count(*) AS times FROM inbox WHERE status = 'new'
        UNION ALL SELECT 'outbox', count(*) FROM outbox WHERE status IN ('new', 'sending')`),
    ).reduce((sum, times) => sum + times, 0),
  }
}

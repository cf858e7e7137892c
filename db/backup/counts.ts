/** What a backup holds, so that a restored database can be compared with it. The same on both databases. */
export const COUNTS: Record<string, string> = {
  accounts: 'SELECT count(*) AS n FROM account',
  teams: 'SELECT count(*) AS n FROM team',
  jobs: 'SELECT count(*) AS n FROM job',
  runs: 'SELECT count(*) AS n FROM run',
  liveRuns: 'SELECT count(*) AS n FROM run WHERE finished_at_ms IS NULL',
  transfers: 'SELECT count(*) AS n FROM transfer',
  events: 'SELECT count(*) AS n FROM event',
  incomingMessages: "SELECT count(*) AS n FROM inbox WHERE status = 'new'",
  outgoingMessages: "SELECT count(*) AS n FROM outbox WHERE status IN ('new', 'sending')",
}

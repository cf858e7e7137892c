import type { Command } from 'commander'
import { checkLedger } from '#core/economy/check.ts'
import { formatUsd } from '#core/money.ts'
import { pendingMigrations } from '#db/migrate.ts'
import { readConfig } from '../config.ts'
import { action, type Outcome } from './action.ts'
import { isEmpty, shownUrl } from './database.ts'
import { withCore } from './open.ts'
import { type Output, table } from './output.ts'
import { countEverything } from './statements.ts'

export function addStatusCommand(program: Command, outcome: Outcome): void {
  program
    .command('status')
    .description('what is in the database, what waits, and whether the ledger is sound')
    .action(action(outcome, showStatus))
}

async function showStatus(output: Output): Promise<number> {
  const config = readConfig()
  const database = shownUrl(config.databaseUrl)
  const missing = (await isEmpty(config)) ? [] : await pendingMigrations(config.databaseUrl)
  if (missing.length > 0) {
    const lines = table([
      ['Database', database],
      ['Migrations missing', missing.join(', ')],
    ])
    output.answer({ database, pendingMigrations: missing }, [...lines, 'Run: npm run muster -- migrate'])
    return 1
  }
  return withCore(async ({ core }) => {
    const counts = await countEverything.first(core.db, {})
    const ledger = await checkLedger(core)
    const status = {
      database,
      pendingMigrations: missing,
      accounts: Number(counts?.accounts ?? 0),
      admins: Number(counts?.admins ?? 0),
      teams: Number(counts?.teams ?? 0),
      liveRuns: Number(counts?.live_runs ?? 0),
      waitingWork: { incomingMessages: Number(counts?.incoming ?? 0), outgoingMessages: Number(counts?.outgoing ?? 0) },
      undeliveredMessages: Number(counts?.undelivered ?? 0),
      ledger: { sound: ledger.sound, sumUsd: formatUsd(ledger.sumMicros), differences: ledger.differences.length },
    }
    output.answer(status, table(linesOf(status)))
    return 0
  })
}

interface Status {
  database: string
  accounts: number
  admins: number
  teams: number
  liveRuns: number
  waitingWork: { incomingMessages: number; outgoingMessages: number }
  undeliveredMessages: number
  ledger: { sound: boolean; sumUsd: string; differences: number }
}

const linesOf = (status: Status): [string, string][] => [
  ['Database', status.database],
  ['Accounts', `${status.accounts}, of them ${status.admins} admin`],
  ['Teams', String(status.teams)],
  ['Live runs', String(status.liveRuns)],
  ['Messages to handle', String(status.waitingWork.incomingMessages)],
  ['Messages to deliver', String(status.waitingWork.outgoingMessages)],
  ['Undelivered', String(status.undeliveredMessages)],
  ['Ledger', ledgerLine(status.ledger)],
]

const ledgerLine = ({ sound, sumUsd, differences }: Status['ledger']): string =>
  sound
    ? 'sound: it sums to zero and every balance is what its entries say'
    : `NOT SOUND: sum $${sumUsd}, ${differences} wrong balances`

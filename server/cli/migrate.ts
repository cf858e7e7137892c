import type { Command } from 'commander'
import { systemClock } from '#core/clock.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { migrateDown, migrateUp } from '#db/migrate.ts'
import { readConfig } from '../config.ts'
import { action, type Outcome } from './action.ts'
import { askWhether, canAsk } from './ask.ts'
import { makeFolder, shownUrl } from './database.ts'
import { withCore } from './open.ts'
import type { Output } from './output.ts'

export function addMigrateCommand(program: Command, outcome: Outcome): void {
  program
    .command('migrate')
    .description('bring the database up to date; SQLite is copied first')
    .option('--down', 'take the newest migration back, and what was stored in it')
    .option('--yes', 'with --down: do not ask')
    .action(action(outcome, migrate))
}

async function migrate(output: Output, { down, yes }: { down?: boolean; yes?: boolean }): Promise<number> {
  const config = readConfig()
  makeFolder(config)
  if (down && !yes && canAsk(output))
    await askWhether(`Take back the newest migration of ${shownUrl(config.databaseUrl)}?`)
  const nowMs = systemClock.nowMs()
  const migrated = down ? await migrateDown(config.databaseUrl, nowMs) : await migrateUp(config.databaseUrl, nowMs)
  if (migrated.applied.length > 0) await withCore(({ core }) => seedShipped(core))
  const { applied, reverted, backup } = migrated
  const lines = [
    ...applied.map((name) => `Applied ${name}.`),
    ...reverted.map((name) => `Took back ${name}.`),
    ...(backup ? [`What was there before is in ${backup}.`] : []),
  ]
  output.answer(migrated, lines.length > 0 ? lines : 'The database is up to date.')
  return 0
}

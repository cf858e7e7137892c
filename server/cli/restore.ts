import { existsSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { systemClock } from '#core/clock.ts'
import { checkLedger } from '#core/economy/check.ts'
import { extractDatabase, openArchive } from '#db/backup/archive.ts'
import type { Manifest } from '#db/backup/manifest.ts'
import { fillPostgres, isPostgresEmpty } from '#db/backup/postgres.ts'
import { isSqliteEmpty, prepareSqlite, putInPlace } from '#db/backup/sqlite.ts'
import { pendingMigrations, unknownMigrations } from '#db/migrate.ts'
import { openDatabase } from '#db/open.ts'
import { type Config, readConfig, toolEnvironment } from '../config.ts'
import { action, type Outcome } from './action.ts'
import { masterKeyOf } from './backup.ts'
import { fileOf, makeFolder, shownUrl } from './database.ts'
import { CliError, type Output } from './output.ts'

export function addRestoreCommand(program: Command, outcome: Outcome): void {
  program
    .command('restore')
    .description('make a backup the database, while no server runs; what is there already is kept aside')
    .argument('<file>', 'what backup has made')
    .option('--force', 'also where there is a database already')
    .action(action(outcome, restore))
}

async function restore(output: Output, name: string, { force = false }: { force?: boolean }): Promise<number> {
  const config = readConfig()
  const path = resolve(name)
  const { manifest } = await openArchive(path)
  refuseStranger(config, manifest)
  const isFree = await isTargetEmpty(config)
  if (!isFree && !force) {
    const message = `There is a database at ${shownUrl(config.databaseUrl)} already. With --force it is kept aside.`
    throw new CliError('exists', message)
  }
  const nowMs = systemClock.nowMs()
  const aside = await putBack(config, path, manifest, nowMs)
  const missing = await pendingMigrations(config.databaseUrl)
  const isSound = missing.length === 0 ? await checkMoney(config) : null
  const { liveRuns = 0, outgoingMessages = 0, incomingMessages = 0 } = manifest.counts
  const lines = [
    `Restored ${shownUrl(config.databaseUrl)}, as it was at ${new Date(manifest.takenAtMs).toISOString()}.`,
    ...(aside ? [`What was there before is kept: ${aside}.`] : []),
    ...(missing.length > 0 ? ['It is of an older version; the next start brings it up to date.'] : []),
    ...(isSound === null
      ? []
      : [isSound ? 'The ledger is sound.' : 'THE LEDGER IS NOT SOUND: see npm run muster -- status.']),
    `Under way then: ${liveRuns} runs go on, ${incomingMessages} messages are handled, and ${outgoingMessages} go out.`,
    'What comes of them says that it may be a duplicate. Keys, codes and sessions that were revoked since then work again.',
    ...keyLines(config, manifest),
  ]
  const { takenAtMs, counts } = manifest
  output.answer({ takenAtMs, counts, aside: aside ?? null, pendingMigrations: missing, ledgerSound: isSound }, lines)
  return isSound === false ? 1 : 0
}

function refuseStranger({ databaseUrl }: Config, { dialect, migrations, version }: Manifest): void {
  const here = fileOf(databaseUrl) === undefined ? 'postgres' : 'sqlite'
  if (dialect !== here) {
    throw new CliError('other_database', `This backup is of ${dialect}, and DATABASE_URL names ${here}.`)
  }
  const unknown = unknownMigrations(migrations)
  if (unknown.length === 0) return
  const message = `This backup was made by a newer version (${version}): it has ${unknown.join(', ')}. Install that version first.`
  throw new CliError('newer', message)
}

async function isTargetEmpty({ databaseUrl }: Config): Promise<boolean> {
  const file = fileOf(databaseUrl)
  return file === undefined ? isPostgresEmpty(databaseUrl) : isSqliteEmpty(file)
}

/** Says where what was there is kept. Whoever dies in here has left the old database as it was. */
async function putBack(config: Config, path: string, manifest: Manifest, nowMs: number): Promise<string | undefined> {
  makeFolder(config)
  const file = fileOf(config.databaseUrl)
  // On the disk of the database: from there it is one step into its place.
  const draft = join(dirname(file ?? path), `.muster-restore-${process.pid}`)
  try {
    await extractDatabase(path, draft)
    if (file === undefined) {
      const place = { environment: toolEnvironment() }
      const schema = await fillPostgres(config.databaseUrl, draft, place, { manifest, nowMs })
      return schema && `schema ${schema}`
    }
    prepareSqlite(draft, manifest, nowMs)
    return await putInPlace(file, draft, nowMs)
  } finally {
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${draft}${end}`, { force: true })
  }
}

async function checkMoney({ databaseUrl }: Config): Promise<boolean> {
  const db = await openDatabase(databaseUrl)
  try {
    return (await checkLedger({ db })).sound
  } finally {
    await db.close()
  }
}

/** Before the first start makes keys of its own, with which nothing stored can be read. */
function keyLines(config: Config, { masterKey }: Manifest): string[] {
  const here = masterKeyOf(config)
  const folder = dirname(fileOf(config.databaseUrl) ?? join('data', 'muster.db'))
  const lines: string[] = []
  if (masterKey !== null && here !== masterKey) {
    const what = here === undefined ? 'is not here' : 'is another one here'
    lines.push(`The key of its credentials ${what}: put MUSTER_KEK (${masterKey}) back before you start.`)
  }
  if (!config.authSecret && !existsSync(join(folder, 'auth-secret'))) {
    lines.push(`AUTH_SECRET is not here: put ${join(folder, 'auth-secret')} back before you start.`)
  }
  return lines
}

import { existsSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { systemClock } from '#core/clock.ts'
import { hashFile, writeArchive } from '#db/backup/archive.ts'
import { FORMAT, type Manifest } from '#db/backup/manifest.ts'
import { dumpPostgres } from '#db/backup/postgres.ts'
import { copySqlite } from '#db/backup/sqlite.ts'
import { pendingMigrations } from '#db/migrate.ts'
import { openDatabase } from '#db/open.ts'
import { putSetting } from '#db/settings.ts'
import { type Config, readConfig, toolEnvironment } from '../config.ts'
import { keyFileOf, readKeyFile } from '../master-key.ts'
import { programVersion } from '../version.ts'
import { action, type Outcome } from './action.ts'
import { fileOf, isEmpty, shownUrl } from './database.ts'
import { CliError, type Output, table } from './output.ts'

/** Where the newest backup is noted, in the database it is of: `doctor` looks there. */
export const LAST_BACKUP = 'backup.last'

export function addBackupCommand(program: Command, outcome: Outcome): void {
  program
    .command('backup')
    .description('copy the whole database to one file while everything goes on; the keys are not in it')
    .argument('<file>', 'where to; it must not be there yet')
    .option('--force', 'replace it when it is')
    .action(action(outcome, backup))
}

async function backup(output: Output, name: string, { force = false }: { force?: boolean }): Promise<number> {
  const config = readConfig()
  const path = resolve(name)
  if (existsSync(path) && !force)
    throw new CliError('exists', `${name} is there already. Choose another name, or --force.`)
  if (!existsSync(dirname(path))) throw new CliError('not_found', `There is no folder ${dirname(path)}.`)
  if (await isEmpty(config))
    throw new CliError('empty', `${shownUrl(config.databaseUrl)} is empty: nothing to back up.`)
  const manifest = await take(config, path)
  await noteBackup(config, { atMs: manifest.takenAtMs, file: path })
  const { takenAtMs, counts, database, migrations } = manifest
  const keys = keysOf(config)
  const lines = table([
    ['Backup', `${name}, ${Math.ceil(database.sizeBytes / 1024)} KB, as of ${new Date(takenAtMs).toISOString()}`],
    ['Database', `${shownUrl(config.databaseUrl)}, up to ${migrations.at(-1)}`],
    ['In it', `${counts.accounts} accounts, ${counts.teams} teams, ${counts.runs} runs (${counts.liveRuns} under way)`],
    ['Checksum', `sha256 ${database.sha256}`],
    ...keys.map((key, index) => [index === 0 ? 'Not in it' : '', key] as const),
  ])
  output.answer({ file: path, ...manifest, keepApart: keys }, [
    ...lines,
    'Keep those keys somewhere else than the backup: without them credentials in it cannot be read, with them anybody can.',
  ])
  return 0
}

async function take(config: Config, path: string): Promise<Manifest> {
  const { databaseUrl } = config
  const file = fileOf(databaseUrl)
  // Beside where it goes to: there is room there, or nowhere.
  const draft = join(dirname(path), `.muster-backup-${process.pid}`)
  try {
    // Before, not after: what is written meanwhile may be in it, and what was written by then must be.
    const takenAtMs = systemClock.nowMs()
    const taken = await (file === undefined
      ? dumpPostgres(databaseUrl, draft, { environment: toolEnvironment() })
      : copySqlite(file, draft))
    const manifest: Manifest = {
      format: FORMAT,
      takenAtMs,
      version: programVersion(),
      dialect: file === undefined ? 'postgres' : 'sqlite',
      ...taken,
      masterKey: masterKeyOf(config) ?? null,
      database: await hashFile(draft),
    }
    await writeArchive(path, manifest, draft)
    return manifest
  } finally {
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${draft}${end}`, { force: true })
  }
}

/** An older database that the program has yet to migrate is backed up as it is, and not written to. */
async function noteBackup({ databaseUrl }: Config, note: { atMs: number; file: string }): Promise<void> {
  if ((await pendingMigrations(databaseUrl)).length > 0) return
  const db = await openDatabase(databaseUrl)
  await db
    .write(async function noteBackup(tx) {
      await putSetting.run(tx, { key: LAST_BACKUP, valueJson: JSON.stringify(note) })
    })
    .finally(() => db.close())
}

/** Which key is the current one, without making one. */
export function masterKeyOf(config: Config): string | undefined {
  if (config.masterKeys) return config.masterKeys[0]?.id
  const path = keyFileOf(config)
  return existsSync(path) ? readKeyFile(path)[0]?.id : undefined
}

function keysOf(config: Config): string[] {
  const folder = dirname(fileOf(config.databaseUrl) ?? join('data', 'muster.db'))
  return [
    config.authSecret ? 'AUTH_SECRET, a setting' : `AUTH_SECRET, in ${join(folder, 'auth-secret')}`,
    config.masterKeys ? 'MUSTER_KEK, a setting' : `MUSTER_KEK, in ${keyFileOf(config)}`,
    'the settings themselves (.env), with the tokens of channels',
  ]
}

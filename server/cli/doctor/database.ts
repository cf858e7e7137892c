import { existsSync } from 'node:fs'
import { systemClock } from '#core/clock.ts'
import { checkLedger } from '#core/economy/check.ts'
import { formatUsd } from '#core/money.ts'
import { type Db, executor } from '#db/db.ts'
import { databaseClockMs } from '#db/health.ts'
import { pendingMigrations } from '#db/migrate.ts'
import { openDatabase } from '#db/open.ts'
import type { Config } from '../../config.ts'
import { fileOf, isEmpty, shownUrl } from '../database.ts'
import { countEverything, durabilityOf, insertProbe, newestEvent } from '../statements.ts'
import { checkBackup } from './backups.ts'
import { attempt, type Check, fail, ok, warn } from './check.ts'
import { checkKeys } from './keys.ts'

const BEHIND_MAX_MS = 5_000
const APART_MAX_MS = 2_000
/** What one process opens at most, and as much again for a person and a backup. */
const CONNECTIONS_MIN = 34
/** SQLite says it as a number: 2 is FULL, 3 is EXTRA. */
const DURABLE: ReadonlySet<string> = new Set(['2', '3', 'on', 'remote_write', 'remote_apply'])

/** Everything about the database. Nothing is made and nothing stays behind. */
export async function checkDatabase(config: Config, nowMs: number): Promise<Check[]> {
  const { databaseUrl } = config
  const file = fileOf(databaseUrl)
  const where = shownUrl(databaseUrl)
  if (file !== undefined && !existsSync(file)) {
    return [warn('Database', `${where} is not there yet`, 'It is made by the first: npm start')]
  }
  const fix =
    file === undefined ? 'Is Postgres up, and DATABASE_URL right?' : 'Is it a Muster database, and yours to read?'
  const migrations = await attempt('Database', fix, () => checkMigrations(config))
  if (migrations.status === 'fail') return [migrations]
  if (migrations.status === 'warn') return [ok('Database', where), migrations]
  const db = await openDatabase(databaseUrl)
  try {
    return [
      await attempt('Database', 'Look at the rights of the file and its folder, and at the space left.', () =>
        checkWriting(db, where),
      ),
      migrations,
      await attempt('Ledger', 'Stop the server, keep a copy of the database, and report it.', () => checkSound(db)),
      await attempt('Clock', 'Set the clock by NTP.', () => checkClock(db, nowMs)),
      await attempt('Admin', 'Run doctor again.', () => checkAdmin(db)),
      await attempt('Credentials', 'Is the file of keys whole, and yours to read?', () => checkKeys(db, config)),
      await attempt('Backup', 'Run doctor again.', () => checkBackup(db, nowMs)),
      ...(db.dialect === 'postgres' ? [await attempt('Postgres', 'Run doctor again.', () => checkPostgres(db))] : []),
    ]
  } finally {
    await db.close()
  }
}

async function checkMigrations(config: Config): Promise<Check> {
  if (await isEmpty(config)) return warn('Migrations', 'the database is empty', 'It is filled by the first: npm start')
  const missing = await pendingMigrations(config.databaseUrl)
  if (missing.length === 0) return ok('Migrations', 'none missing')
  return fail('Migrations', `missing: ${missing.join(', ')}`, 'Run: npm run muster -- migrate')
}

/** Undoes the write that was only for trying. */
class Undo extends Error {}

async function checkWriting(db: Db, where: string): Promise<Check> {
  let durability = ''
  await db
    .write(async function tryToWrite(tx) {
      await insertProbe.run(tx, { key: `doctor.${process.pid}` })
      durability = await durabilityOf(tx)
      throw new Undo()
    })
    .catch((error) => {
      if (!(error instanceof Undo)) throw error
    })
  if (DURABLE.has(durability)) return ok('Database', `${where}, can be written, commits survive a power cut`)
  return warn(
    'Database',
    `${where}: what was just committed may be lost in a power cut`,
    'Set synchronous_commit to on.',
  )
}

async function checkSound(db: Db): Promise<Check> {
  const { sound, sumMicros, differences } = await checkLedger({ db })
  if (sound) return ok('Ledger', 'sums to zero, and every balance is what its entries say')
  const wrong = differences.map(({ accountId, what }) => `${accountId} (${what})`).slice(0, 5)
  return fail(
    'Ledger',
    `sums to $${formatUsd(sumMicros)}; ${differences.length} wrong: ${wrong.join(', ')}`,
    'Stop the server, keep a copy of the database, and report it.',
  )
}

/**
 * The database's clock and ours agree, and nothing has happened in the future: if it seems so, this clock is behind, or was
 * ahead.
 */
async function checkClock(db: Db, nowMs: number): Promise<Check> {
  const apartMs = (await databaseClockMs(db)) - systemClock.nowMs()
  if (Math.abs(apartMs) > APART_MAX_MS) {
    const words = `${Math.round(Math.abs(apartMs) / 1_000)} s ${apartMs > 0 ? 'behind' : 'ahead of'} the database's`
    return warn('Clock', words, 'Set the clocks of both machines by NTP.')
  }
  const newestMs = Number((await newestEvent.first(db, {}))?.at_ms ?? 0)
  if (newestMs <= nowMs + BEHIND_MAX_MS) return ok('Clock', new Date(nowMs).toISOString())
  const behindSeconds = Math.round((newestMs - nowMs) / 1_000)
  return warn('Clock', `the newest event is ${behindSeconds} s in the future`, 'Set the clock by NTP.')
}

async function checkAdmin(db: Db): Promise<Check> {
  const admins = Number((await countEverything.first(db, {}))?.admins ?? 0)
  if (admins > 0) return ok('Admin', admins === 1 ? 'there is one' : `there are ${admins}`)
  return warn('Admin', 'nobody is admin yet', 'Open the claim link that npm start prints.')
}

/** What would lose a commit, or run out, some bad day. */
async function checkPostgres(db: Db): Promise<Check> {
  const [row = {}] = (
    await db[executor].executeText(
      `SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS pages,
        current_setting('max_connections')::int AS connections, current_setting('server_version') AS version`,
      [],
    )
  ).rows
  const version = `version ${row.version}`
  if (row.fsync !== 'on' || row.pages !== 'on') {
    return fail(
      'Postgres',
      `${version}: a power cut destroys the database`,
      'Set fsync and full_page_writes to on in postgresql.conf.',
    )
  }
  if (Number(row.connections) >= CONNECTIONS_MIN) return ok('Postgres', `${version}, ${row.connections} connections`)
  return warn(
    'Postgres',
    `${version}: ${row.connections} connections, and each process takes up to 17`,
    'Raise max_connections.',
  )
}

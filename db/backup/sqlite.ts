import { closeSync, copyFileSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { afterRestore } from './after-restore.ts'
import { syncFolder } from './archive.ts'
import { COUNTS } from './counts.ts'
import { BackupError, type Manifest } from './manifest.ts'

export interface Taken {
  migrations: string[]
  counts: Record<string, number>
}

const ALL_PAGES = 2 ** 31 - 1

/**
 * Copies a database that others go on writing to, as it is at one moment, to a new file. All in one step: a copy that stops in
 * between begins anew when anybody has written, and on a busy database would never end.
 */
export async function copySqlite(path: string, to: string): Promise<Taken> {
  const source = new Database(path, { fileMustExist: true })
  try {
    source.pragma('busy_timeout = 10000')
    await source.backup(to, { progress: () => ALL_PAGES })
  } finally {
    source.close()
  }
  const copy = new Database(to)
  try {
    // One file, with nothing of it in a second one.
    copy.pragma('journal_mode = DELETE')
    return lookAt(copy)
  } finally {
    copy.close()
  }
}

function lookAt(db: Database.Database): Taken {
  const counts = Object.entries(COUNTS).map(([name, sql]) => [name, Number(db.prepare(sql).pluck().get())])
  const migrations = db.prepare('SELECT name FROM migration ORDER BY name').pluck().all() as string[]
  return { migrations, counts: Object.fromEntries(counts) }
}

/** Checks the file that is to become the database, and tells it what a restored one must know. On the disk when it returns. */
export function prepareSqlite(path: string, manifest: Manifest, nowMs: number): void {
  const db = new Database(path, { fileMustExist: true })
  try {
    const said = db.pragma('quick_check(1)', { simple: true })
    if (said !== 'ok') throw new BackupError('damaged', `The database in this backup is damaged: ${said}.`)
    checkCounts(lookAt(db).counts, manifest)
    db.pragma('synchronous = FULL')
    db.transaction(() => {
      for (const sql of afterRestore('sqlite', { takenAtMs: manifest.takenAtMs, nowMs })) db.exec(sql)
    })()
  } finally {
    db.close()
  }
  syncFile(path)
}

export function checkCounts(found: Record<string, number>, { counts }: Manifest): void {
  const wrong = Object.keys(counts).filter((name) => found[name] !== counts[name])
  if (wrong.length === 0) return
  const words = wrong.map((name) => `${found[name]} ${name} instead of ${counts[name]}`)
  throw new BackupError('damaged', `The restored database is not what was backed up: ${words.join(', ')}.`)
}

/**
 * Puts a file in the place of the database. What was there is kept under the name that is returned. At every moment there is a
 * whole database of that name: the old one or the new one.
 */
export async function putInPlace(path: string, from: string, nowMs: number): Promise<string | undefined> {
  if (!existsSync(path)) {
    // What is left of a database that is gone would be taken for the new one's.
    for (const end of ENDS) rmSync(`${path}${end}`, { force: true })
    // Never in the place of one that somebody has just made.
    linkSync(from, path)
    rmSync(from)
    await syncFolder(dirname(path))
    return undefined
  }
  const aside = `${path}.before-restore-${nowMs}`
  const release = lockOrKeep(path, aside)
  try {
    linkSync(path, aside)
    // Before the new one is there: from then on they may be those of a server that has just started.
    for (const end of ENDS) rmSync(`${path}${end}`, { force: true })
    renameSync(from, path)
  } finally {
    release()
  }
  await syncFolder(dirname(path))
  return aside
}

const ENDS = ['-wal', '-shm', '-journal'] as const

/**
 * Takes the old database for itself alone, with everything in its one file; refused while anybody has it open. One that cannot
 * be opened at all is kept as its files are.
 */
function lockOrKeep(path: string, aside: string): () => void {
  let db: Database.Database | undefined
  try {
    db = new Database(path, { timeout: 1_000 })
    db.pragma('locking_mode = EXCLUSIVE')
    // Only whoever is alone may leave the mode in which others read beside.
    db.pragma('journal_mode = DELETE')
    db.exec('BEGIN EXCLUSIVE; COMMIT')
    const locked = db
    return () => locked.close()
  } catch (error) {
    db?.close()
    const { code = '' } = error as { code?: string }
    if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) throw inUse()
    for (const end of ENDS) if (existsSync(`${path}${end}`)) copyFileSync(`${path}${end}`, `${aside}${end}`)
    return () => {}
  }
}

export const inUse = (): BackupError =>
  new BackupError(
    'in_use',
    'Somebody has this database open. Stop the server, and everything else that uses it, first.',
  )

/** Whether there is anything that a restore would put aside. */
export function isSqliteEmpty(path: string): boolean {
  if (!existsSync(path)) return true
  let db: Database.Database | undefined
  try {
    db = new Database(path, { readonly: true })
    return db.prepare("SELECT count(*) FROM sqlite_master WHERE type = 'table'").pluck().get() === 0
  } catch {
    // Whatever it is, it is not nothing.
    return false
  } finally {
    db?.close()
  }
}

function syncFile(path: string): void {
  const file = openSync(path, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

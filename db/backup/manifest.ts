import type { Dialect } from '../db.ts'

/** What a backup says of itself. No secret is in it. */
export interface Manifest {
  format: typeof FORMAT
  takenAtMs: number
  /** Of the program that made it. */
  version: string
  dialect: Dialect
  /** Applied in it; a program that does not know one of them cannot use it. */
  migrations: string[]
  counts: Record<string, number>
  /** Which master key opens its newest credentials: its name, not the key. */
  masterKey: string | null
  database: { sizeBytes: number; sha256: string }
}

export const FORMAT = 'muster-backup-1'

/** What is wrong with a file that was to be a backup, or with the place it was to go to; for people. */
export class BackupError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = 'BackupError'
    this.code = code
  }
}

export function readManifestText(text: string): Manifest {
  const manifest = parsed(text) as Partial<Manifest> | undefined
  if (manifest?.format !== FORMAT) {
    throw new BackupError('not_a_backup', 'This file is not a backup that this version of Muster can read.')
  }
  const { takenAtMs, dialect, migrations, counts, database } = manifest
  const isWhole =
    typeof takenAtMs === 'number' &&
    (dialect === 'sqlite' || dialect === 'postgres') &&
    Array.isArray(migrations) &&
    typeof counts === 'object' &&
    typeof database?.sizeBytes === 'number' &&
    typeof database.sha256 === 'string'
  if (!isWhole) throw new BackupError('damaged', 'The description in this backup is damaged.')
  return manifest as Manifest
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

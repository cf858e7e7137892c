import type { Logger } from 'pino'
import type { Core } from '#core/core.ts'
import { closeSandbox } from '#core/tools/sandbox/shared.ts'
import { openDatabase } from '#db/open.ts'
import { type Config, readConfig } from '../config.ts'
import { coreOn } from '../core.ts'
import { createLog } from '../log.ts'
import { ensureMigrated } from './database.ts'

/** A core for one command: no channels, no server, nothing works until it is told to. */
export interface Opened {
  core: Core
  config: Config
  log: Logger
}

/** Lends the core of the database that the settings name, brought up when it is empty, and closes it again. */
export async function withCore<T>(use: (opened: Opened) => Promise<T>): Promise<T> {
  const config = readConfig()
  await ensureMigrated(config)
  const log = quietLog(config)
  const db = await openDatabase(config.databaseUrl)
  try {
    return await use({ core: coreOn(db, config, log), config, log })
  } finally {
    closeSandbox()
    await db.close()
  }
}

/** A person at a prompt is told by the command; what is merely worth knowing stays out of their way. */
export const quietLog = (config: Config): Logger =>
  createLog({ ...config, logLevel: config.logLevel === 'info' ? 'warn' : config.logLevel })

import type { Clock } from '#core/clock.ts'
import type { Core, Log } from '#core/core.ts'
import { createCore } from '#core/create-core.ts'
import type { Models } from '#core/models/model.ts'
import type { Outbound } from '#core/outbound/outbound.ts'
import { DEFAULT_SETTINGS, type Settings } from '#core/settings.ts'
import { TOOLS } from '#core/tools/index.ts'
import { createToolRegistry } from '#core/tools/registry.ts'
import type { Tool } from '#core/tools/tool.ts'
import type { Dialect } from '#db/db.ts'
import { createDatabase } from './database.ts'

export interface WorldOptions {
  settings?: Partial<Settings>
  /** Beside the built-in ones, or in place of one with the same id. */
  tools?: Tool[]
  clock?: Clock
  leaseMs?: number
  /** In place of the mock and the providers. */
  models?: Models
  /** In place of the guarded way out. */
  outbound?: Outbound
  /** Gets every line of the log, of any level, which it says. */
  logged?: (line: object) => void
}

export interface World {
  core: Core
  databaseUrl: string
  /** What was logged as an error; a test that expects none checks that this is empty. */
  errors: unknown[]
  end(): Promise<void>
}

/** A real core on a real, empty database. Nothing works in the background until the test starts it. */
export async function createWorld(dialect: Dialect, options: WorldOptions = {}): Promise<World> {
  const database = await createDatabase(dialect)
  const errors: unknown[] = []
  const core = createCore({
    db: database.db,
    databaseUrl: database.url,
    tools: createToolRegistry(toolsWith(options.tools ?? [])),
    settings: { ...DEFAULT_SETTINGS, ...options.settings },
    log: collectErrors(errors, options.logged),
    ...(options.clock ? { clock: options.clock } : {}),
    ...(options.leaseMs ? { leaseMs: options.leaseMs } : {}),
    ...(options.outbound ? { outbound: options.outbound } : {}),
    ...(options.models ? { models: options.models } : {}),
  })
  await core.queue.open()
  return {
    core,
    databaseUrl: database.url,
    errors,
    async end() {
      await core.queue.close()
      await core.outbound.close()
      await database.drop()
    },
  }
}

function collectErrors(errors: unknown[], logged: (line: object) => void = () => {}): Log {
  const note =
    (level: keyof Log) =>
    (facts: object, message: string): void =>
      logged({ ...facts, level, message })
  return {
    debug: note('debug'),
    info: note('info'),
    warn: note('warn'),
    error(facts, message) {
      errors.push({ ...facts, message })
      note('error')(facts, message)
    },
  }
}

/** Of two with one id the test's own. */
const toolsWith = (own: readonly Tool[]): Tool[] => [
  ...TOOLS.filter(({ toolId }) => own.every((tool) => tool.toolId !== toolId)),
  ...own,
]

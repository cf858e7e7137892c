import type { Db } from '#db/db.ts'
import type { Dispatcher } from '#db/queue/dispatcher.ts'
import type { Clock } from './clock.ts'
import type { Ids } from './ids.ts'
import type { Models } from './models/model.ts'
import type { Outbound } from './outbound/outbound.ts'
import type { Settings } from './settings.ts'
import type { ToolRegistry } from './tools/registry.ts'

/** What the log takes: an event in words, and facts beside it. Never secrets, never what people wrote. */
export interface Log {
  debug(facts: object, message: string): void
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}

/** The infrastructure that operations stand on. Each takes `Pick<Core, …>` of what it needs; nothing of a request is in here. */
export interface Core {
  readonly db: Db
  readonly queue: Dispatcher
  readonly clock: Clock
  readonly ids: Ids
  readonly tools: ToolRegistry
  readonly settings: Settings
  readonly log: Log
  readonly outbound: Outbound
  readonly models: Models
}

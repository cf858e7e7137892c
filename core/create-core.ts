import type { Db } from '#db/db.ts'
import { Dispatcher } from '#db/queue/dispatcher.ts'
import type { Claim, RunLimits, WorkKind } from '#db/queue/queue.ts'
import { createWorkStore } from '#db/queue/store.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Core, Log } from './core.ts'
import { type Ids, systemIds } from './ids.ts'
import { createModels } from './models/create-models.ts'
import type { Models } from './models/model.ts'
import { createOutbound } from './outbound/client.ts'
import type { Outbound } from './outbound/outbound.ts'
import type { Settings } from './settings.ts'
import type { ToolRegistry } from './tools/registry.ts'

export interface CoreOptions {
  db: Db
  databaseUrl: string
  tools: ToolRegistry
  settings: Settings
  log: Log
  clock?: Clock
  ids?: Ids
  outbound?: Outbound
  models?: Models
  leaseMs?: number
  capacity?: Partial<Record<WorkKind, number>>
  limits?: Partial<RunLimits>
}

/** Enough to keep two cores busy with work that mostly waits. */
const CAPACITY: Record<WorkKind, number> = { run: 128, inbox: 32, outbox: 32 }
/** Half of what a process holds: whatever one context puts in, there is a place for the others. */
const LIMITS: RunLimits = { perContext: 64, instance: null }

export function createCore(options: CoreOptions): Core {
  const { db, databaseUrl, tools, settings, log, clock = systemClock, ids = systemIds } = options
  const onError = (error: unknown, claim?: Claim): void =>
    log.error({ err: error, work: claim?.key }, 'Work failed and will be tried again')
  const limits = { ...LIMITS, ...options.limits }
  const store = createWorkStore({ db, databaseUrl, clock, limits, newToken: () => ids.newSecret(), onError })
  const queue = new Dispatcher({
    db,
    store,
    clock,
    capacity: { ...CAPACITY, ...options.capacity },
    perContext: limits.perContext,
    ...(options.leaseMs ? { leaseMs: options.leaseMs } : {}),
    onError,
  })
  const outbound = options.outbound ?? createOutbound({ allow: settings.outboundAllow })
  const models = options.models ?? createModels(outbound)
  return { db, queue, clock, ids, tools, settings, log, outbound, models }
}

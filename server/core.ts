import type { Logger } from 'pino'
import type { Core } from '#core/core.ts'
import { createCore } from '#core/create-core.ts'
import { TOOLS } from '#core/tools/index.ts'
import { createToolRegistry } from '#core/tools/registry.ts'
import { authSecretOf } from './auth-secret.ts'
import type { Config } from './config.ts'

/** The core on an open database, with the tools that are shipped and what the operator decided. */
export const coreOn = (db: Core['db'], config: Config, log: Logger): Core =>
  createCore({
    db,
    databaseUrl: config.databaseUrl,
    tools: createToolRegistry(TOOLS),
    settings: {
      publicUrl: config.publicUrl,
      access: config.access,
      welcomeCreditMicros: config.welcomeCreditMicros,
      confirmAboveMicros: config.confirmAboveMicros,
      authSecret: authSecretOf(config, log),
      outboundAllow: config.outboundAllow,
    },
    limits: config.runsAtOnce,
    leaseMs: config.leaseMs,
    log,
  })

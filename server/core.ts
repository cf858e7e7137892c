import type { Logger } from 'pino'
import type { Keyring } from '#core/connections/keyring.ts'
import type { Core } from '#core/core.ts'
import { createCore } from '#core/create-core.ts'
import { TOOLS } from '#core/tools/index.ts'
import { createToolRegistry } from '#core/tools/registry.ts'
import { authSecretOf } from './auth-secret.ts'
import type { Config } from './config.ts'
import { keyringFor } from './master-key.ts'

/** The core on an open database, with the tools that are shipped and what the operator decided. */
export function coreOn(db: Core['db'], config: Config, log: Logger): Core {
  let authSecret: string | undefined
  let keyring: Keyring | undefined
  return createCore({
    db,
    databaseUrl: config.databaseUrl,
    tools: createToolRegistry(TOOLS),
    settings: {
      publicUrl: config.publicUrl,
      access: config.access,
      welcomeCreditMicros: config.welcomeCreditMicros,
      confirmAboveMicros: config.confirmAboveMicros,
      // Made when it is first needed: commands that only look change nothing.
      get authSecret() {
        return (authSecret ??= authSecretOf(config, log))
      },
      get keyring() {
        return (keyring ??= keyringFor(config, log))
      },
      outboundAllow: config.outboundAllow,
      modelConnections: config.modelConnections,
      hasMail: config.mail !== undefined,
      isMockAskedForWords: false,
    },
    limits: config.runsAtOnce,
    leaseMs: config.leaseMs,
    log,
  })
}

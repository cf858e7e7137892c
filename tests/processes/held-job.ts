import { createAccountByOperator } from '#core/accounts/create.ts'
import type { Actor } from '#core/actor.ts'
import { personal } from '#core/context.ts'
import type { Core } from '#core/core.ts'
import { createCore } from '#core/create-core.ts'
import { saveJob } from '#core/jobs/save.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { DEFAULT_SETTINGS } from '#core/settings.ts'
import { createToolRegistry } from '#core/tools/registry.ts'
import { defineTool, type Tool } from '#core/tools/tool.ts'
import type { Db } from '#db/db.ts'

/** A tool that says who executed it, once the gate is open; it does not hear that it should stop. */
export const heldTool = (by: string, gate: () => Promise<void>): Tool =>
  defineTool({
    toolId: 'test.held',
    version: '1.0.0',
    displayName: 'Held',
    description: 'Says who executed it.',
    category: 'test',
    inputSchema: { type: 'object', properties: {} },
    outputSchema: { type: 'object', properties: { by: { type: 'string' } } },
    price: { unit: 'run', rateMicros: 100n, maxMicros: 100n },
    sideEffect: 'none',
    execute: async () => {
      await gate()
      return { output: { by } }
    },
  })

const heldJob = {
  jobId: 'held',
  displayName: 'Held',
  description: 'One step that is held.',
  inputSchema: { type: 'object', properties: {} },
  steps: [{ stepId: 'hold', toolId: 'test.held', inputMappings: {} }],
  outputs: { by: { step: 'hold', output: 'by' } },
}

export interface HeldCoreOptions {
  db: Db
  databaseUrl: string
  leaseMs: number
  tool: Tool
}

/** A core of one process among several. */
export function heldCore({ db, databaseUrl, leaseMs, tool }: HeldCoreOptions): Core {
  const ignore = (): void => {}
  const say = (facts: object, message: string): void => console.error(message, facts)
  return createCore({
    db,
    databaseUrl,
    leaseMs,
    limits: { perContext: 128 },
    tools: createToolRegistry([tool]),
    settings: { ...DEFAULT_SETTINGS, welcomeCreditMicros: 1_000_000_000n },
    log: { debug: ignore, info: ignore, warn: say, error: say },
  })
}

/** Somebody with money and the published job. */
export async function prepareHeldJob(core: Core): Promise<Actor> {
  const account = await createAccountByOperator(core, { handle: 'holder', admin: true })
  const actor: Actor = {
    accountId: account.id,
    handle: 'holder',
    platformRole: 'admin',
    channel: 'api',
    context: personal(account.id),
  }
  await seedShipped(core)
  await saveJob(core, actor, { source: heldJob, publish: true })
  return actor
}

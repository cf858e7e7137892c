import { accountByHandle } from '#core/accounts/account.ts'
import { createAccountByOperator } from '#core/accounts/create.ts'
import type { Actor } from '#core/actor.ts'
import type { Sender } from '#core/chat/sender.ts'
import { personal } from '#core/context.ts'
import type { Core } from '#core/core.ts'
import { createCore } from '#core/create-core.ts'
import { saveJob } from '#core/jobs/save.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { submitRun } from '#core/runs/submit.ts'
import { DEFAULT_SETTINGS } from '#core/settings.ts'
import { createToolRegistry } from '#core/tools/registry.ts'
import { startWork } from '#core/work.ts'
import type { Db } from '#db/db.ts'
import { migrateUp } from '#db/migrate.ts'
import { openDatabase } from '#db/open.ts'
import type { Contestant } from './contestant.ts'
import { noop, threeSteps } from './noop.ts'

export interface Engine extends Contestant {
  core: Core
  actor: Actor
  /** Resolves when the run is accepted, with its id. */
  submit(slot: number): Promise<string>
}

/**
 * The whole program below its channels: what production runs, with a channel that delivers into nothing. `effects`: with
 * tools that say they do something in the world, so that each step is stored before the next begins.
 */
export const start = async (url: string, shape?: string): Promise<Engine> =>
  startOn(await open(url), url, shape === 'effects' ? { ...noop, sideEffect: 'write' } : noop)

export async function open(url: string): Promise<Db> {
  await migrateUp(url, 0)
  return openDatabase(url)
}

export async function startOn(db: Db, url: string, tool = noop): Promise<Engine> {
  const fail = (facts: object, message: string): void => console.error(message, facts)
  const core: Core = createCore({
    db,
    databaseUrl: url,
    tools: createToolRegistry([tool]),
    settings: { ...DEFAULT_SETTINGS, welcomeCreditMicros: 1_000_000_000_000n },
    log: { debug() {}, info() {}, warn: fail, error: fail },
  })
  const before = await accountByHandle(db, 'bench')
  const account = before ?? (await createAccountByOperator(core, { handle: 'bench', admin: true }))
  const actor: Actor = {
    accountId: account.id,
    handle: 'bench',
    platformRole: 'admin',
    channel: 'web',
    context: personal(account.id),
  }
  await seedShipped(core)
  // A database that is gone on with has it already.
  if (!before) await saveJob(core, actor, { source: threeSteps, publish: true })
  /** Runs whose result has not been sent yet. */
  const ended = new Map<string, () => void>()
  const sender: Sender = {
    name: 'web',
    pace: { editPrivateMs: 300, editSharedMs: 300 },
    isPrivate: () => true,
    async send({ cause, parts, key }) {
      const isCard = parts[0]?.type === 'progress'
      if (!isCard) ended.get(cause)?.()
      return { outcome: 'sent', messageRef: key }
    },
    edit: async (messageRef) => ({ outcome: 'sent', messageRef }),
    download: async () => new Uint8Array(),
  }
  await core.queue.open()
  await startWork(core, { handle: async () => ({ replies: [] }), senders: new Map([['web', sender]]) })
  const submit = async (slot: number): Promise<string> => {
    const request = { target: { job: 'three-steps' }, inputs: { value: 'x' }, conversation: `bench-${slot}` }
    return (await submitRun(core, actor, request)).runId
  }
  return {
    core,
    actor,
    submit,
    async one(slot) {
      const runId = await submit(slot)
      await new Promise<void>((resolve) => void ended.set(runId, resolve))
      ended.delete(runId)
    },
    async stop() {
      await core.queue.stop()
      await core.queue.close()
      await db.close()
    },
  }
}

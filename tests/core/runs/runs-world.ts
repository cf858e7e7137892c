import { expect } from 'vitest'
import { createAccountByOperator } from '#core/accounts/create.ts'
import type { Actor } from '#core/actor.ts'
import { personal } from '#core/context.ts'
import { checkLedger } from '#core/economy/check.ts'
import { saveJob } from '#core/jobs/save.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import type { JsonObject } from '#core/json.ts'
import { getRun, runEvents } from '#core/runs/read.ts'
import { submitRun } from '#core/runs/submit.ts'
import type { RunView } from '#core/runs/view.ts'
import { defineTool, type Tool, ToolError } from '#core/tools/tool.ts'
import { startWork } from '#core/work.ts'
import type { Dialect } from '#db/db.ts'
import { query } from '#db/statement.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World, type WorldOptions } from '#tests/support/world.ts'

/** What a provider did to the calls of `test.say`: each word fails as long as it is in `broken`, hangs while in `stuck`. */
export interface Provider {
  broken: Set<string>
  stuck: Set<string>
  calls: { word: string; key: string }[]
  aborted: string[]
  tool: Tool
}

const SAY_MICROS = 1_000n

export function createProvider(): Provider {
  const provider: Omit<Provider, 'tool'> = { broken: new Set(), stuck: new Set(), calls: [], aborted: [] }
  const tool = defineTool({
    toolId: 'test.say',
    version: '1.0.0',
    displayName: 'Say',
    description: 'Says a word.',
    category: 'test',
    inputSchema: { type: 'object', required: ['word'], properties: { word: { type: 'string' } } },
    outputSchema: {
      type: 'object',
      required: ['text', 'list'],
      properties: { text: { type: 'string' }, list: { type: 'array', items: { type: 'string' } } },
    },
    price: { unit: 'run', rateMicros: SAY_MICROS, maxMicros: SAY_MICROS },
    sideEffect: 'spend',
    async execute({ word }, { idempotencyKey, signal }) {
      const said = String(word)
      provider.calls.push({ word: said, key: idempotencyKey })
      if (provider.stuck.has(said)) await untilFree(provider, said, signal)
      if (provider.broken.has(said)) throw new ToolError('provider_error', `The provider did not say ${said}.`)
      return { output: { text: `${said}!`, list: [`${said}1`, `${said}2`, `${said}3`] } }
    },
  })
  return { ...provider, tool }
}

async function untilFree({ stuck, aborted }: Omit<Provider, 'tool'>, word: string, signal: AbortSignal): Promise<void> {
  signal.addEventListener('abort', () => aborted.push(word), { once: true })
  await eventually(() => {
    if (stuck.has(word) && !signal.aborted) throw new Error('stuck')
  }, 60_000)
  signal.throwIfAborted()
}

export interface RunsWorld extends World {
  actor: Actor
  provider: Provider
  job(jobId: string, steps: JsonObject[], rest?: JsonObject): Promise<void>
  submit(job: string, inputs?: JsonObject): Promise<string>
  work(): Promise<void>
  ended(runId: string): Promise<RunView>
  eventTypes(runId: string): Promise<string[]>
  /** The transfers of a run: `pending 2000`, in the order they were written. */
  transfers(runId: string): Promise<string[]>
  sound(): Promise<void>
}

/** A person with a dollar, and a provider that does as it is told. Nothing works until `work`. */
export async function createRunsWorld(dialect: Dialect, options: WorldOptions = {}): Promise<RunsWorld> {
  const provider = createProvider()
  const world = await createWorld(dialect, { ...options, tools: [provider.tool, ...(options.tools ?? [])] })
  const { core } = world
  await seedShipped(core)
  const account = await createAccountByOperator(core, { handle: 'ada', admin: true })
  const actor: Actor = {
    accountId: account.id,
    handle: 'ada',
    platformRole: 'admin',
    channel: 'api',
    context: personal(account.id),
  }
  return {
    ...world,
    actor,
    provider,
    async job(jobId, steps, rest = {}) {
      const source = {
        jobId,
        displayName: jobId,
        description: 'For a test.',
        inputSchema: { type: 'object', properties: {} },
        steps,
        outputs: {},
        ...rest,
      }
      await saveJob(core, actor, { source, publish: true })
    },
    submit: async (job, inputs = {}) => (await submitRun(core, actor, { target: { job }, inputs })).runId,
    work: () => startWork(core, { handle: async () => ({ replies: [] }), senders: new Map() }),
    ended: (runId) =>
      eventually(async () => {
        const run = await getRun(core, actor, runId)
        expect(run.finishedAt, run.status).not.toBeNull()
        return run
      }),
    async eventTypes(runId) {
      return (await runEvents(core, actor, runId)).items.map(({ type }) => type)
    },
    async transfers(runId) {
      const rows = await query(core.db, (q) =>
        q.selectFrom('transfer').select(['id', 'state', 'amount_micros']).where('run_id', '=', runId).orderBy('id'),
      )
      return rows.map(({ id, state, amount_micros }) => `${id.replace(runId, 'run')} ${state} ${amount_micros}`)
    },
    async sound() {
      expect(await checkLedger(core)).toMatchObject({ sound: true })
      const wallets = await query(core.db, (q) =>
        q.selectFrom('ledger_account').select('pending_micros').where('pending_micros', '<>', 0n),
      )
      expect(wallets).toEqual([])
      expect(world.errors).toEqual([])
    },
    async end() {
      await core.queue.stop(1_000)
      await world.end()
    },
  }
}

/** A step of `test.say`. */
export const say = (stepId: string, word: string, more: JsonObject = {}): JsonObject => ({
  stepId,
  toolId: 'test.say',
  inputMappings: { word: { value: word } },
  retry: { maxAttempts: 1 },
  ...more,
})

export const statusesOf = (run: RunView): string =>
  run.steps.map(({ stepId, status }) => `${stepId}:${status}`).join(' ')

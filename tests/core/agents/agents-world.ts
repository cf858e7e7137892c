import { setTimeout as sleep } from 'node:timers/promises'
import type { Actor } from '#core/actor.ts'
import { type AgentProfile, USUAL_MINUTES } from '#core/agents/agent.ts'
import { fund } from '#core/economy/fund.ts'
import type { JsonObject } from '#core/json.ts'
import { askMock } from '#core/models/mock.ts'
import type { ModelAnswer, ModelRequest, Models, ModelToolCall } from '#core/models/model.ts'
import { submitRun } from '#core/runs/submit.ts'
import type { RunView } from '#core/runs/view.ts'
import { defineTool, type SideEffect, type Tool, ToolError } from '#core/tools/tool.ts'
import { startWork } from '#core/work.ts'
import { findAgent, insertAgent, updateAgent } from '#db/agents.ts'
import type { Dialect, Tx } from '#db/db.ts'
import type { AgentTable } from '#db/schema.ts'
import { query } from '#db/statement.ts'
import { createReviewTeam, type Team } from '#tests/core/reviews/people.ts'
import { createWorld, type World, type WorldOptions } from '#tests/support/world.ts'

/** What a model says next: words, or calls of tools by the names it knows them by. */
export type Said = string | { text?: string; calls: [name: string, input: JsonObject][] }

/** Says what is next; by how many answers the conversation has so far, so that it says the same again when it is asked again. */
export type Script = (request: ModelRequest, answered: number) => Said | Promise<Said>

export class ScriptedModels implements Models {
  script: Script = () => 'Done.'
  readonly requests: ModelRequest[] = []
  /** In place of what is counted. */
  usage: ModelAnswer['usage'] | undefined
  /** Between two letters of what it says; all at once without. */
  letterMs: number | undefined

  async ask(request: ModelRequest): Promise<ModelAnswer> {
    this.requests.push(request)
    const answered = request.messages.filter(({ role }) => role === 'assistant').length
    const said = await this.script(request, answered)
    const { text = '', calls } = typeof said === 'string' ? { text: said, calls: [] } : said
    const { onText, ...unheard } = request
    for (const letter of this.letterMs === undefined ? [text] : text) {
      onText?.(letter)
      if (this.letterMs !== undefined) await sleep(this.letterMs)
    }
    const toolCalls = calls.map(([name, input], index): ModelToolCall => ({ id: `${answered}-${index}`, name, input }))
    const usage = this.usage ?? askMock(unheard).usage
    return { text, toolCalls, usage, finish: toolCalls.length > 0 ? 'tool_calls' : 'stop', isMock: true }
  }
}

/** A call that reached a tool of the test. */
export interface Made {
  toolId: string
  input: JsonObject
  key: string
}

export interface AgentsWorld extends World {
  models: ScriptedModels
  team: Team
  made: Made[]
  /** What the reading tool gives. */
  outside: { text: string; of?: (what: string) => string }
  /** Waits before a tool of the test answers, when it is there. */
  gate: { before?: (made: Made) => Promise<void> }
  hire(profile?: Partial<AgentProfile>, name?: string, who?: Actor): Promise<string>
  run(goal: string, more?: JsonObject, who?: Actor): Promise<string>
  ended(runId: string): Promise<RunView>
  turns(runId: string): Promise<{ kind: string; json: JsonObject; cost: bigint }[]>
}

const PRICE = 1_000n

const testTool = (
  toolId: string,
  sideEffect: SideEffect,
  world: Pick<AgentsWorld, 'made' | 'outside' | 'gate'>,
): Tool =>
  defineTool({
    toolId,
    version: '1.0.0',
    displayName: toolId,
    description: `Does ${toolId}.`,
    category: 'test',
    inputSchema: { type: 'object', properties: { what: { type: 'string' } }, additionalProperties: true },
    outputSchema: { type: 'object', properties: { text: { type: 'string' } } },
    price: { unit: 'run', rateMicros: PRICE, maxMicros: PRICE },
    sideEffect,
    async execute(input, { idempotencyKey }) {
      const made = { toolId, input, key: idempotencyKey }
      await world.gate.before?.(made)
      world.made.push(made)
      if (input.what === 'fail') throw new ToolError('provider_error', 'The provider said no.')
      return {
        output: {
          text:
            sideEffect === 'read'
              ? (world.outside.of?.(String(input.what)) ?? world.outside.text)
              : `did ${String(input.what)}`,
        },
      }
    },
  })

/** A team with money, a model that says what it is told, and tools of every kind that only write down what they were asked. */
export async function createAgentsWorld(dialect: Dialect, options: WorldOptions = {}): Promise<AgentsWorld> {
  const models = new ScriptedModels()
  const shared: Pick<AgentsWorld, 'made' | 'outside' | 'gate'> = {
    made: [],
    outside: { text: 'Something from outside.' },
    gate: {},
  }
  const tools = [
    testTool('test.think', 'none', shared),
    testTool('test.look', 'read', shared),
    testTool('test.write', 'write', shared),
    testTool('test.buy', 'spend', shared),
    ...(options.tools ?? []),
  ]
  const world = await createWorld(dialect, { models, ...options, tools })
  const { core } = world
  const team = await createReviewTeam(world)
  await fund(core, team.owner, { context: team.owner.context, amountUsd: '20.00', reason: 'test' })
  await startWork(core, { senders: new Map() })
  let agents = 0
  let last = ''
  return {
    ...world,
    ...shared,
    models,
    team,
    async hire(profile = {}, name = `agent-${++agents}`, who = team.owner) {
      last = name
      await hireAgent(world, who, name, profile)
      return name
    },
    async run(goal, more = {}, who = team.owner) {
      const { runId } = await submitRun(core, who, {
        target: { tool: 'agent.run' },
        inputs: { agent: last, goal, ...more },
      })
      return runId
    },
    ended: (runId) => team.ended(runId),
    async turns(runId) {
      const rows = await query(core.db, (q) =>
        q.selectFrom('agent_turn').selectAll().where('run_id', '=', runId).orderBy('turn'),
      )
      return rows.map((row) => ({ kind: row.kind, json: JSON.parse(row.json) as JsonObject, cost: row.cost_micros }))
    },
    async end() {
      await core.queue.stop(1_000)
      await world.end()
    },
  }
}

export async function hireAgent(
  { core }: World,
  { context, accountId }: Actor,
  name: string,
  profile: Partial<AgentProfile>,
): Promise<void> {
  const whole: AgentProfile = {
    tone: '',
    instructions: '',
    capabilities: [],
    tools: ['test.*'],
    jobs: [],
    permissions: { read: 'auto', write: 'auto', spend: 'auto' },
    workingHours: null,
    maxRunUsd: '0.10',
    ...USUAL_MINUTES,
    model: null,
    ...profile,
  }
  await core.db.write(async function hire(tx) {
    const row: AgentTable = {
      id: `agent_${context.id}_${name}`,
      context: `${context.type}:${context.id}`,
      name,
      role: 'custom',
      status: 'active',
      profile_json: JSON.stringify(whole),
      version: 1,
      hired_by: accountId,
      hired_at_ms: core.clock.nowMs(),
      seen_at_ms: null,
    }
    if ((await insertAgent.run(tx, row)) > 0) return
    // It is there: from now on it is as is asked for.
    await updateAgent.run(tx, { ...row, version: await versionOf(tx, row), profileJson: row.profile_json })
  })
}

/** Calls in the order of the answers, then words. */
export const steps =
  (...said: Said[]): Script =>
  (_, answered) =>
    said[answered] ?? 'Done.'

export const call = (name: string, input: JsonObject = {}): Said => ({ calls: [[name, input]] })

async function versionOf(tx: Tx, { context, id }: AgentTable): Promise<number> {
  return (await findAgent.first(tx, { context, id }))?.version ?? 0
}

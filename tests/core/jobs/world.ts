import type { JobDefinition, StepDefinition } from '#core/jobs/definition.ts'
import type { JobWorld } from '#core/jobs/world.ts'
import type { JsonSchema } from '#core/schema.ts'
import { defineTool, type Tool } from '#core/tools/tool.ts'

/** A small world to hold definitions against: tools with the inputs, outputs and prices of the real ones. */

const text: JsonSchema = { type: 'string' }

const object = (properties: Record<string, JsonSchema>, optional: string[] = []): JsonSchema => ({
  type: 'object',
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
})

function tool(toolId: string, inputSchema: JsonSchema, outputSchema: JsonSchema): Tool {
  return defineTool({
    toolId,
    version: '1.0.0',
    displayName: toolId,
    description: '',
    category: 'test',
    inputSchema,
    outputSchema,
    price: { unit: 'run', rateMicros: 0n, maxMicros: 0n },
    sideEffect: 'none',
    execute: async () => ({ output: {} }),
  })
}

const finding = object({ line: { type: 'integer' }, message: text })

const TOOLS = [
  tool(
    'docs.changelog',
    object({ commits: text, title: text }, ['title']),
    object({ markdown: text, count: { type: 'integer' } }),
  ),
  tool(
    'docs.format',
    object({ text, language: { type: 'string', enum: ['markdown', 'json', 'yaml'], default: 'markdown' } }),
    object({ text, changed: { type: 'boolean' } }),
  ),
  tool('docs.lint', object({ text }), object({ findings: { type: 'array', items: finding }, ok: { type: 'boolean' } })),
  tool('text.template', object({ template: text, data: { type: 'object' } }, ['data']), object({ text })),
  tool('data.transform', object({ data: {}, expression: text }), object({ value: {} })),
  tool(
    'wait',
    object({ ms: { type: 'integer', minimum: 0 }, until: text }, ['ms', 'until']),
    object({ at: text }, ['at']),
  ),
  tool('llm.generate', object({ prompt: text }), object({ text })),
  tool('new.tool', object({}), object({})),
]

/** Micro-dollars a run: the same at most, or an estimate and a maximum. */
const PRICES: Record<string, [bigint, bigint]> = {
  'docs.changelog': [1_000n, 1_000n],
  'docs.format': [1_000n, 1_000n],
  'docs.lint': [1_000n, 1_000n],
  'text.template': [500n, 500n],
  'data.transform': [500n, 500n],
  wait: [200n, 200n],
  'llm.generate': [2_000n, 50_000n],
}

export function job(jobId: string, steps: StepDefinition[], more: Partial<JobDefinition> = {}): JobDefinition {
  return { jobId, displayName: jobId, description: '', inputSchema: { type: 'object' }, steps, outputs: {}, ...more }
}

/** §6 of the contract, without the review. */
export const RELEASE_NOTES: JobDefinition = job(
  'release-notes',
  [
    {
      stepId: 'collect',
      toolId: 'docs.changelog',
      inputMappings: { commits: { input: 'commits' }, title: { input: 'title' } },
    },
    {
      stepId: 'format',
      toolId: 'docs.format',
      dependencies: ['collect'],
      inputMappings: { text: { step: 'collect', output: 'markdown' }, language: { value: 'markdown' } },
      retry: { maxAttempts: 3, backoffMs: 1_000 },
      timeoutMs: 10_000,
      onFailure: 'halt',
    },
  ],
  {
    inputSchema: {
      type: 'object',
      required: ['commits'],
      properties: {
        commits: { type: 'string', format: 'textarea' },
        title: { type: 'string', default: 'Release notes' },
      },
    },
    outputs: { notes: { step: 'format', output: 'text' } },
    limits: { maxCostUsd: '0.50', concurrency: 4 },
  },
)

const calls = (jobId: string, called: string): JobDefinition => job(jobId, [{ stepId: 'call', jobId: called }])

const JOBS = [
  RELEASE_NOTES,
  calls('circle-b', 'circle-c'),
  calls('circle-c', 'circle-a'),
  calls('circle-a', 'circle-b'),
  ...[1, 2, 3, 4, 5].map((level) => calls(`deep-${level}`, `deep-${level + 1}`)),
  job('deep-6', [{ stepId: 'lint', toolId: 'docs.lint', inputMappings: { text: { value: 'x' } } }]),
  job('calls-unpriced', [{ stepId: 'new', toolId: 'new.tool' }]),
]

export function testWorld(jobs: JobDefinition[] = JOBS): JobWorld {
  const tools = new Map(TOOLS.map((one) => [one.toolId, one]))
  const byId = new Map(jobs.map((one) => [one.jobId, one]))
  return {
    tool: (toolId) => tools.get(toolId),
    toolIds: () => [...tools.keys()],
    price: (toolId) => {
      const price = PRICES[toolId]
      return price && { estimateMicros: price[0], maxMicros: price[1] }
    },
    job: (jobId) => {
      const definition = byId.get(jobId)
      return definition && { definition, version: 1 }
    },
    jobIds: () => [...byId.keys()],
    commandTaken: (command) => (command === 'balance' ? 'builtin' : command === 'weekly_report' ? 'job' : undefined),
  }
}

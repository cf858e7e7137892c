import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { JobDefinition } from '#core/jobs/definition.ts'
import { fieldsOf, primaryInputOf } from '#core/jobs/forms.ts'
import { planOf } from '#core/jobs/graph.ts'
import { quoteJob } from '#core/jobs/quote.ts'
import { shippedTemplates } from '#core/jobs/templates.ts'
import { validateDefinition } from '#core/jobs/validate.ts'
import type { JobWorld } from '#core/jobs/world.ts'
import type { Json, JsonObject } from '#core/json.ts'
import { readPath } from '#core/json-path.ts'
import { resolveInputs } from '#core/runs/mapping.ts'
import { applyDefaults, checkInputs } from '#core/schema-check.ts'
import { TOOLS } from '#core/tools/index.ts'
import { evaluateCondition } from '#core/tools/liquid.ts'
import { quoteOf } from '#core/tools/price.ts'
import { createToolRegistry } from '#core/tools/registry.ts'
import { runTool } from '#core/tools/run.ts'
import { closeSandbox } from '#core/tools/sandbox/shared.ts'
import { noOutbound } from '#tests/tools/conformance.ts'

const TESTS = join(import.meta.dirname, '../..')
const tools = createToolRegistry(TOOLS)
const templates = shippedTemplates()

const world: JobWorld = {
  tool: (toolId) => tools.find(toolId),
  toolIds: () => tools.list().map(({ toolId }) => toolId),
  price: (toolId) => {
    const tool = tools.find(toolId)
    return tool && quoteOf(tool.price)
  },
  job: () => undefined,
  jobIds: () => [],
  commandTaken: () => undefined,
}

const exampleOf = (jobId: string): JsonObject =>
  JSON.parse(readFileSync(join(TESTS, 'fixtures/templates', `${jobId}.json`), 'utf8')) as JsonObject

afterAll(closeSandbox)

test('the list and the folders say the same', () => {
  const ids = templates.map(({ jobId }) => jobId).sort()
  const files = (folder: string, end: string) =>
    readdirSync(folder)
      .map((file) => file.replace(end, ''))
      .sort()
  expect(files(join(TESTS, '../core/jobs/templates'), '.yaml')).toEqual(ids)
  expect(files(join(TESTS, 'fixtures/templates'), '.json')).toEqual(ids)
})

test('each role has two or three', () => {
  const counts = Object.groupBy(
    templates.flatMap(({ roles = [] }) => roles),
    (role) => role,
  )
  expect(Object.keys(counts).sort()).toEqual(['analyst', 'content', 'custom', 'marketing', 'operations', 'support'])
  for (const [role, those] of Object.entries(counts)) expect([2, 3], role).toContain(those?.length)
})

describe.each(templates.map((definition) => [definition.jobId, definition] as const))('%s', (jobId, definition) => {
  test('has no problems, a price, a form, and an example that fits', () => {
    expect(validateDefinition(definition, world)).toEqual([])
    expect(quoteJob(definition, world, exampleOf(jobId))).toHaveProperty('maxMicros')
    expect(definition.baselineMinutes).toBeGreaterThan(0)
    expect(definition.description).toMatch(/\.$/)
    expect(primaryInputOf(definition)).toBeDefined()
    for (const field of fieldsOf(definition)) {
      expect(field.description ?? field.default, `${jobId}: ${field.name}`).toBeDefined()
    }
    expect(checkInputs(definition.inputSchema, applyDefaults(definition.inputSchema, exampleOf(jobId)))).toEqual([])
  })

  test('makes of its example what it promises', async () => {
    const outputs = await runThrough(definition, exampleOf(jobId))
    await expect(toText(outputs)).toMatchFileSnapshot(join(TESTS, 'fixtures/template-results', `${jobId}.md`))
  })

  test('works with only what it asks for', async () => {
    const required = definition.inputSchema.required ?? []
    const few = Object.fromEntries(Object.entries(exampleOf(jobId)).filter(([name]) => required.includes(name)))
    const outputs = await runThrough(definition, few)
    expect(Object.keys(outputs).length).toBeGreaterThan(0)
  })
})

test('braces in what people write are never read as templates', async () => {
  const check = templates.find(({ jobId }) => jobId === 'doc-check') as JobDefinition
  const outputs = await runThrough(check, { text: '# A\n\n{{ input.text }} {% assign x = 1 %}\n' })
  expect(outputs.formatted).toContain('{{ input.text }} {% assign x = 1 %}')
})

/** The steps one after another with the real tools: what a run gives when nothing fails. */
async function runThrough(definition: JobDefinition, given: JsonObject): Promise<JsonObject> {
  const input = applyDefaults(definition.inputSchema, given)
  const steps: Record<string, JsonObject> = {}
  for (const stepId of planOf(definition).order) {
    const step = definition.steps.find((one) => one.stepId === stepId)
    if (!step || !('toolId' in step)) throw new Error(`${stepId} is no tool`)
    if (step.condition !== undefined && !evaluateCondition(step.condition, { input, steps })) continue
    const resolved = resolveInputs(step, { input, steps }, definition.inputSchema.required)
    if ('problem' in resolved) throw new Error(resolved.problem)
    const tool = tools.find(step.toolId)
    if (!tool) throw new Error(step.toolId)
    const result = await runTool(tool, resolved.input, {
      signal: AbortSignal.timeout(20_000),
      idempotencyKey: stepId,
      attempt: 1,
      nowMs: Date.UTC(2027, 2, 5),
      log: () => {},
      outbound: noOutbound,
    })
    steps[stepId] = result.output
  }
  const outputs: JsonObject = {}
  for (const [name, { step, output, path }] of Object.entries(definition.outputs)) {
    const value = steps[step]?.[output]
    const found = value !== undefined && path !== undefined ? readPath(value, path) : value
    if (found !== undefined) outputs[name] = found
  }
  return outputs
}

const toText = (outputs: JsonObject): string =>
  Object.entries(outputs)
    .map(([name, value]) => `<!-- ${name} -->\n\n${shown(value)}\n`)
    .join('\n')

const shown = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value, null, 2))

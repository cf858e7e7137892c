import { describe, expect, it } from 'vitest'
import type { JsonObject } from '#core/json.ts'
import { OutboundError } from '#core/outbound/outbound.ts'
import { applyDefaults, checkInputs, checkSchema, checkValue } from '#core/schema-check.ts'
import { costOf, quoteOf } from '#core/tools/price.ts'
import { toolProblems } from '#core/tools/registry.ts'
import { runTool } from '#core/tools/run.ts'
import { type Tool, type ToolContext, ToolError, type ToolErrorCode } from '#core/tools/tool.ts'

export interface ToolCases {
  /** Inputs that work, and what at least is in the output. */
  examples: { name: string; input: JsonObject; output?: JsonObject }[]
  /** Inputs that are refused, and what the sentence must name. */
  refused: { name: string; input: JsonObject; names: string | RegExp; code?: ToolErrorCode }[]
  /** Inputs made to hang, to eat memory or to get out. Each must end in time, and in nothing worse than a ToolError. */
  hostile?: { name: string; input: JsonObject; code?: ToolErrorCode; names?: string | RegExp }[]
  /** What one run costs. */
  rateMicros: bigint
  /** What the runner hands to this tool beside what all get. */
  context?: Partial<ToolContext>
}

export const NOW_MS = Date.UTC(2027, 0, 15, 9, 30)

/** The longest a hostile input may keep a step busy: loading, ten seconds of work, and a slow machine. */
const HOSTILE_MS_MAX = 18_000

export function contextFor(changes: Partial<ToolContext> = {}): ToolContext {
  return {
    signal: new AbortController().signal,
    idempotencyKey: 'run_1:step:1',
    attempt: 1,
    nowMs: NOW_MS,
    log: () => {},
    outbound: noOutbound,
    ...changes,
  }
}

/** Nobody is out there. */
export const noOutbound: ToolContext['outbound'] = {
  request: () => Promise.reject(new OutboundError('network', 'There is no network here.')),
}

/** The error a tool ends with; fails when it succeeds. */
export async function errorOf(tool: Tool, input: JsonObject, context = contextFor()): Promise<ToolError> {
  const outcome = await runTool(tool, input, context).catch((thrown: unknown) => thrown)
  expect(outcome).toBeInstanceOf(ToolError)
  return outcome as ToolError
}

/** What every tool promises, whatever it does. */
export function describeTool(tool: Tool, cases: ToolCases): void {
  describe(tool.toolId, () => {
    it('is defined by the rules', () => {
      expect(toolProblems(tool)).toEqual([])
      expect([...checkSchema(tool.inputSchema), ...checkSchema(tool.outputSchema)]).toEqual([])
      expect(tool.description).toMatch(/\.$/)
    })

    it('costs what it should', () => {
      expect(costOf(tool.price, 1n)).toBe(cases.rateMicros)
      expect(quoteOf(tool.price)).toEqual({ estimateMicros: cases.rateMicros, maxMicros: cases.rateMicros })
    })

    describe.each(cases.examples)('with $name', ({ input, output }) => {
      it('gives a valid output, the same each time, and leaves its input alone', async () => {
        const given = structuredClone(input)
        expect(checkInputs(tool.inputSchema, applyDefaults(tool.inputSchema, input))).toEqual([])
        const first = await runTool(tool, input, contextFor(cases.context))
        const again = await runTool(tool, input, contextFor({ ...cases.context, attempt: 2 }))
        expect(checkValue(tool.outputSchema, first.output)).toEqual([])
        expect(again).toEqual(first)
        expect(input).toEqual(given)
        if (output) expect(first.output).toMatchObject(output)
      })
    })

    it.each(cases.refused)('refuses $name', async ({ input, names, code = 'bad_input' }) => {
      const error = await errorOf(tool, input, contextFor(cases.context))
      expect(error.message).toMatch(names)
      expect(error).toMatchObject({ code, retryable: false })
      expect(error.message).toMatch(/^[\p{Lu}\p{Ll}“].*\.$/su)
    })

    it('names an input it does not know', async () => {
      const input = { ...cases.examples[0]?.input, surprise: 1 }
      expect((await errorOf(tool, input, contextFor(cases.context))).message).toContain('surprise is unknown')
    })

    it('does not start when the step is already cancelled', async () => {
      const error = await errorOf(
        tool,
        cases.examples[0]?.input ?? {},
        contextFor({ ...cases.context, signal: AbortSignal.abort() }),
      )
      expect(error.code).toBe('cancelled')
    })

    const hostile = cases.hostile ?? []
    it.each(hostile)('survives $name', { timeout: HOSTILE_MS_MAX + 2_000 }, async ({ input, code, names }) => {
      const startedMs = performance.now()
      const outcome = await runTool(tool, input, contextFor(cases.context)).catch((thrown: unknown) => thrown)
      expect(performance.now() - startedMs).toBeLessThan(HOSTILE_MS_MAX)
      if (code === undefined && !(outcome instanceof Error)) return
      expect(outcome).toBeInstanceOf(ToolError)
      expect((outcome as ToolError).code).toBe(code ?? 'limit_exceeded')
      if (names) expect((outcome as ToolError).message).toMatch(names)
    })

    if (hostile.length > 0) {
      it('still works after that', async () => {
        await runTool(tool, cases.examples[0]?.input ?? {}, contextFor(cases.context))
      })
    }
  })
}

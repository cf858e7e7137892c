import type { Problem } from '../errors.ts'
import { isJsonObject, type JsonObject } from '../json.ts'
import { applyDefaults, checkInputs, checkValue } from '../schema-check.ts'
import { untilAborted } from './abort.ts'
import { type Tool, type ToolContext, ToolError, type ToolResult } from './tool.ts'

/** §7: what may be kept in a row. Larger results become artifacts before they are returned. */
const INPUT_BYTES_MAX = 1024 * 1024
const OUTPUT_BYTES_MAX = 5 * 1024 * 1024

/**
 * Runs a tool by its contract: input completed with defaults and validated, the time limit enforced, output validated.
 * Rejects with a ToolError and nothing else; one with code `internal` or `bad_output` carries what was thrown as `cause`,
 * for the log and never for people.
 */
export async function runTool(tool: Tool, input: JsonObject, context: ToolContext): Promise<ToolResult> {
  const complete = checkedInput(tool, input)
  const limit = new AbortController()
  const { signal } = limit
  const timer = setTimeout(() => limit.abort(tooSlow(tool)), tool.timeoutMs)
  // By hand and not with AbortSignal.any, which leaves work for the garbage collector in every call.
  const stop = (): void => limit.abort(context.signal.reason)
  if (context.signal.aborted) stop()
  context.signal.addEventListener('abort', stop, { once: true })
  try {
    const work = Promise.resolve().then(() => tool.execute(complete, { ...context, signal }))
    const result = await untilAborted(work, signal)
    checkResult(tool, result)
    return result
  } catch (thrown) {
    throw thrown instanceof ToolError ? thrown : failedInside(tool, thrown)
  } finally {
    clearTimeout(timer)
    context.signal.removeEventListener('abort', stop)
  }
}

function checkedInput(tool: Tool, input: JsonObject): JsonObject {
  const sizeBytes = jsonSizeBytes(input)
  if (sizeBytes === undefined) throw new ToolError('bad_input', `The input of ${tool.toolId} is not plain JSON.`)
  if (sizeBytes > INPUT_BYTES_MAX) throw tooLarge(tool, 'input', sizeBytes, INPUT_BYTES_MAX)
  const complete = isJsonObject(input) ? applyDefaults(tool.inputSchema, input) : input
  const problems = checkInputs(tool.inputSchema, complete)
  if (problems.length > 0)
    throw new ToolError('bad_input', `The input of ${tool.toolId} does not fit: ${listed(problems)}.`)
  return complete
}

function checkResult(tool: Tool, result: ToolResult): void {
  // Its output comes later, from elsewhere.
  if (result && ('submitted' in result || 'pause' in result)) return
  const output: unknown = result?.output
  const sizeBytes = jsonSizeBytes(output)
  if (sizeBytes === undefined)
    throw new ToolError('bad_output', `${tool.toolId} gave an output that is not plain JSON.`)
  if (sizeBytes > OUTPUT_BYTES_MAX) throw tooLarge(tool, 'output', sizeBytes, OUTPUT_BYTES_MAX)
  const problems = checkValue(tool.outputSchema, output, 'output')
  if (problems.length > 0)
    throw new ToolError('bad_output', `${tool.toolId} broke its own contract: ${listed(problems)}.`)
  if ('waitUntilMs' in result && !Number.isSafeInteger(result.waitUntilMs)) {
    throw new ToolError('bad_output', `${tool.toolId} asked to wait until a time that does not exist.`)
  }
  if ('units' in result && result.units !== undefined && result.units < 0n) {
    throw new ToolError('bad_output', `${tool.toolId} reported less than nothing used.`)
  }
}

/** Bytes as JSON in UTF-8; undefined when it has none: circles, bigints, or nesting deeper than the stack. */
function jsonSizeBytes(value: unknown): number | undefined {
  try {
    const text = JSON.stringify(value) as string | undefined
    return text === undefined ? undefined : Buffer.byteLength(text)
  } catch {
    return undefined
  }
}

const PROBLEMS_SHOWN_MAX = 20

function listed(problems: Problem[]): string {
  const shown = problems
    .slice(0, PROBLEMS_SHOWN_MAX)
    .map(({ path, message }) => (path === '' ? message : `${path} ${message}`))
  const rest = problems.length - shown.length
  return shown.join('; ') + (rest > 0 ? `; and ${rest} more` : '')
}

function tooLarge(tool: Tool, what: 'input' | 'output', sizeBytes: number, maxBytes: number): ToolError {
  const size = (sizeBytes / 1024 / 1024).toFixed(1)
  return new ToolError(
    'limit_exceeded',
    `The ${what} of ${tool.toolId} is ${size} MiB; at most ${maxBytes / 1024 / 1024} MiB are allowed.`,
  )
}

const tooSlow = (tool: Tool): ToolError =>
  new ToolError('timeout', `${tool.toolId} took longer than ${tool.timeoutMs / 1000} s.`, { retryable: true })

function failedInside(tool: Tool, thrown: unknown): ToolError {
  const error = new ToolError('internal', `${tool.toolId} failed for a reason of its own; the log has the details.`)
  error.cause = thrown
  return error
}

import { describe, expect, it } from 'vitest'
import { runTool } from '#core/tools/run.ts'
import { defineTool, type Tool, ToolError, type ToolResult } from '#core/tools/tool.ts'
import { contextFor, errorOf } from './conformance.ts'

const tool = (execute: Tool['execute'], changes: Partial<Tool> = {}): Tool => ({
  ...defineTool({
    toolId: 'test.tool',
    version: '1.0.0',
    displayName: 'Test',
    description: 'For tests.',
    category: 'test',
    inputSchema: {
      type: 'object',
      required: ['text'],
      properties: { text: { type: 'string' }, times: { type: 'integer', default: 2, minimum: 1 } },
    },
    outputSchema: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } },
    price: { unit: 'run', rateMicros: 1n, maxMicros: 1n },
    sideEffect: 'none',
    execute,
  }),
  ...changes,
})
const giving = (result: unknown): Tool => tool(async () => result as ToolResult)

describe('running a tool', () => {
  it('fills in defaults and hands the result on', async () => {
    const repeat = tool(async ({ text, times }) => ({
      output: { text: String(text).repeat(Number(times)) },
      units: 3n,
    }))
    expect(await runTool(repeat, { text: 'ab' }, contextFor())).toEqual({ output: { text: 'abab' }, units: 3n })
  })

  it('tells everything that is wrong with an input at once', async () => {
    const error = await errorOf(giving({ output: { text: '' } }), { times: 0, more: true })
    expect(error.code).toBe('bad_input')
    expect(error.message).toMatch(/text is required.*times must be at least 1.*more is unknown/)
  })

  it('refuses an input over 1 MiB and one without an end', async () => {
    const large = await errorOf(giving({ output: { text: '' } }), { text: 'x'.repeat(1024 * 1024) })
    expect(large).toMatchObject({
      code: 'limit_exceeded',
      message: 'The input of test.tool is 1.0 MiB; at most 1 MiB are allowed.',
    })
    const circle: Record<string, never> = {}
    circle.text = circle as never
    expect((await errorOf(giving({ output: {} }), circle)).code).toBe('bad_input')
  })

  const broken: [string, unknown][] = [
    ['a missing field', { output: {} }],
    ['a field of another type', { output: { text: 1 } }],
    ['no output', {}],
    ['nothing', undefined],
    ['a bigint', { output: { text: 'a', n: 1n } }],
    ['a list', { output: [] }],
    ['a wait until never', { output: { text: 'a' }, waitUntilMs: Number.NaN }],
    ['negative units', { output: { text: 'a' }, units: -1n }],
  ]
  it.each(broken)('does not accept %s as output', async (_name, result) => {
    expect(await errorOf(giving(result), { text: 'a' })).toMatchObject({ code: 'bad_output', retryable: false })
  })

  it('does not accept an output over 5 MiB', async () => {
    const error = await errorOf(giving({ output: { text: 'x'.repeat(5 * 1024 * 1024) } }), { text: 'a' })
    expect(error).toMatchObject({
      code: 'limit_exceeded',
      message: 'The output of test.tool is 5.0 MiB; at most 5 MiB are allowed.',
    })
  })

  it('passes on what the tool says is wrong', async () => {
    const refusal = new ToolError('provider_error', 'The provider is closed.', { retryable: true })
    expect(
      await errorOf(
        tool(() => Promise.reject(refusal)),
        { text: 'a' },
      ),
    ).toBe(refusal)
  })

  it('keeps what broke inside to itself', async () => {
    for (const execute of [
      () => Promise.reject(new Error('password hunter2 at /srv/secret.ts:1')),
      () => {
        throw new Error('password hunter2')
      },
      () => Promise.reject('hunter2'),
    ]) {
      const error = await errorOf(tool(execute as Tool['execute']), { text: 'a' })
      expect(error.code).toBe('internal')
      expect(error.message).not.toMatch(/hunter2|secret/)
      expect(String(error.cause)).toContain('hunter2')
    }
  })

  it('stops a tool that takes too long, even one that does not listen', async () => {
    let seen: AbortSignal | undefined
    const endless = tool(
      (_input, { signal }) => {
        seen = signal
        return new Promise(() => {})
      },
      { timeoutMs: 30 },
    )
    const error = await errorOf(endless, { text: 'a' })
    expect(error).toMatchObject({ code: 'timeout', retryable: true, message: 'test.tool took longer than 0.03 s.' })
    expect(seen?.aborted).toBe(true)
  })

  it('stops when the step is cancelled, with the reason it was given', async () => {
    const endless = tool(() => new Promise(() => {}))
    const plain = new AbortController()
    const reasoned = new AbortController()
    setTimeout(() => {
      plain.abort()
      reasoned.abort(new ToolError('timeout', 'The step took too long.'))
    }, 10)
    const [first, second] = await Promise.all([
      errorOf(endless, { text: 'a' }, contextFor({ signal: plain.signal })),
      errorOf(endless, { text: 'a' }, contextFor({ signal: reasoned.signal })),
    ])
    expect(first).toMatchObject({ code: 'cancelled', message: 'The step was cancelled.' })
    expect(second).toMatchObject({ code: 'timeout', message: 'The step took too long.' })
  })
})

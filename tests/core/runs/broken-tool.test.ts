import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { createSandbox } from '#core/tools/sandbox/sandbox.ts'
import { defineTool, ToolError } from '#core/tools/tool.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createRunsWorld, type RunsWorld } from './runs-world.ts'

const SECRET = 'a-secret-that-hangs-on-an-error'

/** As libraries throw them: the request that failed hangs on the error, and another error behind it. */
function failureOfALibrary(): Error {
  const behind = Object.assign(new Error('The socket was gone'), { config: { headers: { authorization: SECRET } } })
  return Object.assign(new TypeError('The parser met what it does not know', { cause: behind }), { request: SECRET })
}

const breaking = (toolId: string, thrown: () => unknown) =>
  defineTool({
    toolId,
    version: '1.0.0',
    displayName: 'Breaks',
    description: 'Breaks.',
    category: 'test',
    inputSchema: { type: 'object' },
    outputSchema: { type: 'object' },
    price: { unit: 'run', rateMicros: 1_000n, maxMicros: 1_000n },
    retry: { maxAttempts: 1, backoffMs: 1, capMs: 1 },
    sideEffect: 'none',
    async execute() {
      throw thrown()
    },
  })

describe.each(DIALECTS)('a tool that breaks on %s', (dialect) => {
  let world: RunsWorld
  afterEach(async () => {
    await world.core.queue.stop(1_000)
    await world.end()
  })

  it('is in the log with its run, step, place and cause, and with nothing that hung on the error', async () => {
    const lines: { level?: string; err?: Error }[] = []
    world = await createRunsWorld(dialect, {
      tools: [breaking('test.broken', failureOfALibrary)],
      logged: (line) => lines.push(line),
    })
    await world.job('breaks', [{ stepId: 'snap', toolId: 'test.broken', inputMappings: {} }])
    await world.work()
    const runId = await world.submit('breaks')
    const run = await world.ended(runId)
    expect(run.steps[0]?.error).toEqual({
      code: 'internal',
      message: 'test.broken failed for a reason of its own; the log has the details.',
    })
    const warned = lines.filter(({ level }) => level === 'warn')
    expect(warned).toMatchObject([{ runId, stepId: 'snap', toolId: 'test.broken', attempt: 1 }])
    const written = JSON.stringify(pino.stdSerializers.err(warned[0]?.err as Error))
    expect(written).toContain('TypeError: The parser met what it does not know')
    expect(written).toContain('failureOfALibrary')
    expect(written).toContain('The socket was gone')
    expect(JSON.stringify(lines.map(({ err, ...rest }) => [rest, err && pino.stdSerializers.err(err)]))).not.toContain(
      SECRET,
    )
  })

  it('is not in the log for what a person can mend', async () => {
    const lines: { level?: string }[] = []
    world = await createRunsWorld(dialect, {
      tools: [breaking('test.refusing', () => new ToolError('bad_input', 'The title is missing.'))],
      logged: (line) => lines.push(line),
    })
    await world.job('refuses', [{ stepId: 'no', toolId: 'test.refusing', inputMappings: {} }])
    await world.work()
    const run = await world.ended(await world.submit('refuses'))
    expect(run.steps[0]?.error?.message).toBe('The title is missing.')
    expect(lines.filter(({ level }) => level === 'warn')).toEqual([])
  })
})

it('a fault within the sandbox comes out with its place', async () => {
  const sandbox = createSandbox()
  try {
    // Refused before it gets there, as a rule: a language that there is not.
    const task = { kind: 'docs.format', input: { text: 'a', language: 'nonsense' } } as const
    const error = await sandbox.run(task, new AbortController().signal).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'internal', message: 'docs.format failed for a reason of its own.' })
    const { cause } = error as ToolError
    expect((cause as Error).stack).toMatch(/nonsense.*\n\s+at .*prettier/s)
  } finally {
    sandbox.close()
  }
})

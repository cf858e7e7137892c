import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { Task } from '#core/tools/sandbox/protocol.ts'
import { createSandbox, type Sandbox, type SandboxOptions } from '#core/tools/sandbox/sandbox.ts'
import { ToolError } from '#core/tools/tool.ts'

const SUM: Task = { kind: 'data.transform', input: { data: [1, 2], expression: '$sum($)' } }
const ENDLESS: Task = {
  kind: 'data.transform',
  input: { data: `${'a'.repeat(60)}!`, expression: '$match($, /^(a+)+$/)' },
}
const HUGE: Task = { kind: 'data.transform', input: { data: 1, expression: '$length($pad("", 200000000))' } }
const never = new AbortController().signal

const open: Sandbox[] = []
const sandboxWith = (options: Partial<SandboxOptions> = {}): Sandbox => {
  const sandbox = createSandbox(options)
  open.push(sandbox)
  return sandbox
}
afterEach(() => {
  for (const sandbox of open.splice(0)) sandbox.close()
})

const errorOf = async (work: Promise<unknown>): Promise<ToolError> => {
  const outcome = await work.catch((thrown: unknown) => thrown)
  expect(outcome).toBeInstanceOf(ToolError)
  return outcome as ToolError
}

/** Ids of the processes whose parent this is. */
function childrenOf(parentId: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === String(parentId)
      } catch {
        return false
      }
    })
    .map(Number)
}

const isRunning = (processId: number): boolean => {
  try {
    process.kill(processId, 0)
    return true
  } catch {
    return false
  }
}

describe('the sandbox', () => {
  it('does many tasks, more than it has processes, and keeps their answers apart', async () => {
    const sandbox = sandboxWith()
    const tasks = Array.from({ length: 30 }, (_, i) =>
      sandbox.run({ ...SUM, input: { ...SUM.input, data: [i, 1] } }, never),
    )
    expect((await Promise.all(tasks)).map(({ value }) => value)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
    expect(childrenOf(process.pid).length).toBeLessThanOrEqual(2)
  })

  it('stops a task at its time and goes on with the next', async () => {
    const sandbox = sandboxWith({ slotsMax: 1, taskTimeMs: 500 })
    const [slow, next] = [sandbox.run(ENDLESS, never), sandbox.run(SUM, never)]
    const error = await errorOf(slow)
    expect(error).toMatchObject({
      code: 'limit_exceeded',
      message: 'data.transform was stopped: it took longer than 0.5 s.',
    })
    expect(await next).toEqual({ value: 3 })
  })

  it('survives what would end this process, also side by side', async () => {
    const sandbox = sandboxWith()
    const outcomes = await Promise.allSettled([
      sandbox.run(HUGE, never),
      sandbox.run(SUM, never),
      sandbox.run(HUGE, never),
      sandbox.run(SUM, never),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled'])
    expect(outcomes[0]).toMatchObject({
      reason: { code: 'limit_exceeded', message: expect.stringContaining('128 MB of memory') },
    })
  })

  it('stops a task when its step is cancelled, waiting or working', async () => {
    const sandbox = sandboxWith({ slotsMax: 1 })
    await sandbox.run(SUM, never)
    const cancel = new AbortController()
    const working = sandbox.run(ENDLESS, cancel.signal)
    const waiting = sandbox.run(SUM, cancel.signal)
    const patient = sandbox.run(SUM, never)
    setTimeout(() => cancel.abort(), 100)
    const startedMs = performance.now()
    expect((await errorOf(working)).code).toBe('cancelled')
    expect((await errorOf(waiting)).code).toBe('cancelled')
    expect(await patient).toEqual({ value: 3 })
    expect(performance.now() - startedMs).toBeLessThan(5_000)
  })

  it('stops a task that is cancelled as soon as it was asked for', async () => {
    const sandbox = sandboxWith({ slotsMax: 1 })
    await sandbox.run(SUM, never)
    const cancel = new AbortController()
    const work = sandbox.run(ENDLESS, cancel.signal)
    cancel.abort()
    expect((await errorOf(work)).code).toBe('cancelled')
    expect(await sandbox.run(SUM, never)).toEqual({ value: 3 })
  })

  it('refuses more than may wait', async () => {
    const sandbox = sandboxWith({ slotsMax: 1, queueMax: 1 })
    const outcomes = await Promise.allSettled([
      sandbox.run(SUM, never),
      sandbox.run(SUM, never),
      sandbox.run(SUM, never),
    ])
    expect(outcomes[2]).toMatchObject({ status: 'rejected', reason: { retryable: true } })
    expect(outcomes[1]?.status).toBe('fulfilled')
  })

  it('gives memory back when there is nothing to do, and starts again', async () => {
    const sandbox = sandboxWith({ idleMs: 50 })
    await sandbox.run(SUM, never)
    const [child = 0] = childrenOf(process.pid)
    await expect.poll(() => isRunning(child), { timeout: 5_000 }).toBe(false)
    expect(await sandbox.run(SUM, never)).toEqual({ value: 3 })
  })

  it('closes at once, with everything in it', async () => {
    const sandbox = sandboxWith({ slotsMax: 1 })
    const work = [sandbox.run(ENDLESS, never), sandbox.run(SUM, never)].map(errorOf)
    await sleep(300)
    sandbox.close()
    for (const error of await Promise.all(work)) expect(error).toMatchObject({ code: 'cancelled', retryable: true })
    expect((await errorOf(sandbox.run(SUM, never))).code).toBe('cancelled')
    await expect.poll(() => childrenOf(process.pid), { timeout: 5_000 }).toEqual([])
  })

  it('gives the code in there no environment and no way out', async () => {
    const sandbox = sandboxWith({ idleMs: 60_000 })
    await sandbox.run(SUM, never)
    const [child = 0] = childrenOf(process.pid)
    const environment = readFileSync(`/proc/${child}/environ`, 'utf8').split('\0').filter(Boolean)
    expect(environment.filter((entry) => !entry.startsWith('NODE_CHANNEL_'))).toEqual([])
    expect(readFileSync(`/proc/${child}/cmdline`, 'utf8')).toContain('--permission')
  })
})

/** A program of its own that uses the shared sandbox. */
function program(expression: string, after: string) {
  const source = `
    import { runInSandbox } from '#core/tools/sandbox/shared.ts'
    const task = { kind: 'data.transform', input: { data: ${JSON.stringify(`${'a'.repeat(60)}!`)}, expression: ${JSON.stringify(expression)} } }
    const work = runInSandbox(task, new AbortController().signal)
    ${after}`
  return spawn(process.execPath, ['--input-type=module', '--eval', source], { stdio: ['ignore', 'pipe', 'inherit'] })
}

describe('a program with a sandbox', () => {
  it('ends by itself when nothing is left to do', async () => {
    const child = program('1 + 1', 'console.log(JSON.stringify(await work))')
    const output = child.stdout?.toArray()
    const exitCode = await new Promise((resolve) => child.on('exit', resolve))
    expect([
      exitCode,
      Buffer.concat((await output) as Buffer[])
        .toString()
        .trim(),
    ]).toEqual([0, '{"value":2}'])
  })

  it('leaves nothing behind when it is killed in the middle of a task', async () => {
    const child = program('$match($, /^(a+)+$/)', 'await work')
    await expect.poll(() => childrenOf(child.pid ?? 0).length, { timeout: 10_000 }).toBe(1)
    const [host = 0] = childrenOf(child.pid ?? 0)
    await sleep(700)
    child.kill('SIGKILL')
    await expect.poll(() => isRunning(host), { timeout: 5_000 }).toBe(false)
  })
})

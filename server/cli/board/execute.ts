import { setTimeout as sleep } from 'node:timers/promises'
import type { Ids } from '#core/ids.ts'
import type { JsonObject } from '#core/json.ts'
import type { TakenTask } from '#core/tasks/executor.ts'
import type { ToolRegistry } from '#core/tools/registry.ts'
import { runTool } from '#core/tools/run.ts'
import { ToolError } from '#core/tools/tool.ts'
import { type BoardClient, LostError } from './client.ts'

export interface Execution {
  client: BoardClient
  tools: ToolRegistry
  ids: Pick<Ids, 'random'>
  nowMs: () => number
  stop: AbortSignal
}

/** In one worker's hands. */
const TRIES_MOST = 3
/** In all: a task that ends its workers would end all of them, one after the other. */
const ATTEMPTS_MOST = 9
const BACKOFF_MS = 1_000

export type Outcome = 'succeeded' | 'failed' | 'lost'

/**
 * Does one task under its lease: signs of life, the tool, and the result into review. What may work the next time is tried
 * again after a while. Lost when another has the task by now; nothing of this worker counts then.
 */
export async function execute(execution: Execution, { task, lease }: TakenTask): Promise<Outcome> {
  const lost = new AbortController()
  const endBeating = beat(execution.client, lease, () => lost.abort())
  try {
    const signal = AbortSignal.any([execution.stop, lost.signal])
    return await tryAll(execution, { task, lease }, signal)
  } catch (error) {
    if (error instanceof LostError || lost.signal.aborted) return 'lost'
    // Told to stop, or broken: whoever comes next need not wait for the end of the lease.
    await execution.client.release(lease)
    throw error
  } finally {
    endBeating()
  }
}

async function tryAll(execution: Execution, { task, lease }: TakenTask, signal: AbortSignal): Promise<Outcome> {
  const { client, ids } = execution
  for (let attempt = task.attempts + 1; ; attempt++) {
    await client.start(task.id, lease)
    const done = await runOnce(execution, task, attempt, signal)
    signal.throwIfAborted()
    if (!(done instanceof ToolError)) {
      await client.handIn(task.id, lease, done)
      return 'succeeded'
    }
    const tries = attempt - task.attempts
    const isFinal = !done.retryable || tries >= TRIES_MOST || attempt >= ATTEMPTS_MOST
    await client.fail(task.id, lease, { code: done.code, message: done.message }, isFinal)
    if (isFinal) return 'failed'
    await sleep(ids.random() * BACKOFF_MS * 2 ** tries, undefined, { signal })
  }
}

async function runOnce(
  { tools, nowMs }: Execution,
  { id, executor }: TakenTask['task'],
  attempt: number,
  signal: AbortSignal,
): Promise<JsonObject | ToolError> {
  const tool = executor && tools.find(executor.tool)
  if (!tool) return new ToolError('refused', `This worker has no tool ${executor?.tool}.`)
  if (attempt > ATTEMPTS_MOST) return new ToolError('refused', `It was begun ${ATTEMPTS_MOST} times and never ended.`)
  const request = (): never => {
    throw new ToolError('refused', 'Tools of a worker call nobody.')
  }
  const context = { signal, idempotencyKey: `${id}:${attempt}`, attempt, nowMs: nowMs(), log: () => {} }
  try {
    return (await runTool(tool, executor.inputs, { ...context, outbound: { request } })).output
  } catch (error) {
    if (error instanceof ToolError) return error
    throw error
  }
}

/** Signs of life, until it is ended. */
function beat(client: BoardClient, lease: TakenTask['lease'], isLost: () => void): () => void {
  const timer = setInterval(
    () =>
      void client.keep(lease).catch((error) => {
        if (error instanceof LostError) isLost()
      }),
    (lease.ttlSeconds * 1_000) / 4,
  )
  return () => clearInterval(timer)
}

import type { CallToolResult } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Actor } from '#core/actor.ts'
import type { Core } from '#core/core.ts'
import type { Json, JsonObject } from '#core/json.ts'
import { parseUsd } from '#core/money.ts'
import { startAgreed } from '#core/runs/agreed.ts'
import { cancelRun } from '#core/runs/cancel.ts'
import { jsonObject, text } from '../api/schemas.ts'
import { checked } from '../read-body.ts'
import { actorOfCall, type Caller } from './caller.ts'
import { follow } from './follow.ts'
import { type Control, controlNames, WAIT_USUAL_S } from './job-listing.ts'
import { type NamedJob, sameJobFor } from './named-job.ts'
import { paidRun, type RunAnswer, runSentence } from './run-answer.ts'
import { type Call, WRITING } from './tool.ts'
import { confirmUpToUsd, WAIT_MOST_S } from './tools/runs.ts'

const CHECKS = {
  ...WRITING,
  context: text(110).exactOptional(),
  confirmUpToUsd: confirmUpToUsd.exactOptional(),
  waitSeconds: z.number().int().min(0).max(WAIT_MOST_S).default(WAIT_USUAL_S),
}

/**
 * Starts a run of a job and waits a while for its end; what goes on longer is told as that, and not stopped. It is
 * stopped when the call is cancelled, unless it was there before: another call may wait for it too.
 */
export async function callJob(
  core: Core,
  caller: Caller,
  named: NamedJob,
  args: JsonObject,
  call: Call,
): Promise<CallToolResult> {
  const { job } = named
  const { inputs, controls } = apart(named, args)
  const { idempotencyKey = core.ids.newSecret(), confirmUpToUsd, waitSeconds } = controls
  const context = controls.context ?? `${named.actor.context.type}/${named.actor.context.id}`
  const actor = await actorOfCall(core, caller, { context, idempotencyKey })
  if (controls.context !== undefined) await sameJobFor(core, actor, named)
  const agreedMicros = confirmUpToUsd === undefined ? undefined : parseUsd(confirmUpToUsd)
  const { runId, replayed } = await startAgreed(core, actor, { target: { job: job.jobId }, inputs }, agreedMicros)
  const stop = (): void => {
    if (!replayed && call.isCancelled()) void cancel(core, actor, runId)
  }
  call.signal.addEventListener('abort', stop, { once: true })
  if (call.signal.aborted) stop()
  await follow(core, actor, runId, { ...call, waitMs: waitSeconds * 1_000 })
  call.signal.removeEventListener('abort', stop)
  return resultOf({ ...(await paidRun(core, actor, runId)), idempotencyKey })
}

async function cancel(core: Core, actor: Actor, runId: string): Promise<void> {
  await cancelRun(core, actor, runId).catch((err) => core.log.error({ err, runId }, 'A run could not be stopped'))
}

interface Controls {
  idempotencyKey?: string
  confirmUpToUsd?: string
  waitSeconds: number
  context?: string
}

/** What is the job's, and what is ours. */
function apart({ job, hasContext }: NamedJob, args: JsonObject): { inputs: JsonObject; controls: Controls } {
  const names = controlNames(job.definition.inputSchema)
  const ours = Object.entries(names).filter(([control]) => hasContext || control !== 'context')
  const own = new Map(ours.map(([control, name]) => [name, control as Control]))
  const inputs = Object.fromEntries(Object.entries(args).filter(([name]) => !own.has(name)))
  const given = Object.fromEntries(ours.flatMap(([, name]) => (Object.hasOwn(args, name) ? [[name, args[name]]] : [])))
  const schema = z.strictObject(Object.fromEntries(ours.map(([control, name]) => [name, CHECKS[control as Control]])))
  const read = checked(schema, given, 'What the tool was given') as Record<string, Json>
  const controls = Object.fromEntries(Object.entries(read).map(([name, value]) => [own.get(name), value]))
  return { inputs: checked(jsonObject, inputs, 'What the tool was given'), controls: controls as unknown as Controls }
}

type Answer = RunAnswer & { idempotencyKey: string }

const BROKEN = new Set(['failed', 'cancelled', 'payment_failed'])

/** For people first, then what came out of it, each output by itself. */
function resultOf(run: Answer): CallToolResult {
  const outputs = Object.entries(run.outputs ?? {}).map(([name, value]) =>
    typeof value === 'string' ? value : `${name}: ${JSON.stringify(value, null, 2)}`,
  )
  return {
    content: [runSentence(run), ...outputs].map((text) => ({ type: 'text' as const, text })),
    structuredContent: run as unknown as JsonObject,
    ...(BROKEN.has(run.status) ? { isError: true } : {}),
  }
}

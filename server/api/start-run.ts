import type { Context } from 'hono'
import { z } from 'zod'
import type { Core } from '#core/core.ts'
import type { JobQuote } from '#core/jobs/quote.ts'
import { formatUsd } from '#core/money.ts'
import type { WaitingFor } from '#core/runs/funds-wait.ts'
import { definitionOf, quoteRun } from '#core/runs/quote.ts'
import { getRun } from '#core/runs/read.ts'
import type { RunRequest } from '#core/runs/request.ts'
import { submitRun } from '#core/runs/submit.ts'
import type { RunView } from '#core/runs/view.ts'
import type { Env } from '../env.ts'
import { markReplayed } from './replay.ts'
import { readRequest } from './request.ts'
import { contextBody, jsonObject } from './schemas.ts'

export const runBody = z.strictObject({
  inputs: jsonObject.default({}),
  context: contextBody.exactOptional(),
})
export const quoteBody = z.strictObject({ inputs: jsonObject.exactOptional(), context: contextBody.exactOptional() })

type Target = RunRequest['target']

/**
 * Starts a job or one tool: 202, where to look, and the run as it was accepted. One there is no money or no room for is
 * accepted too, and says what it waits for.
 */
export async function startRun(
  core: Core,
  c: Context<Env>,
  target: () => Target,
  schema: z.ZodType<z.infer<typeof runBody> & { variants?: number }> = runBody,
): Promise<Response> {
  const { actor, body } = await readRequest(core, c, schema)
  const { inputs, variants = 1 } = body
  const { runId, replayed, waitingFor } = await submitRun(core, actor, {
    target: target(),
    inputs,
    ...(variants > 1 ? { how: { variants } } : {}),
  })
  if (replayed) markReplayed(c)
  const run = asAccepted(await getRun(core, actor, runId), waitingFor)
  return c.json(run, 202, { Location: `/v1/runs/${runId}` })
}

/** However far the run has come by now, the answer to its request stays the same. */
const asAccepted = (run: RunView, waitingFor: WaitingFor | undefined): RunView => ({
  ...run,
  status: waitingFor ? 'waiting' : 'queued',
  waitingFor: waitingFor ?? null,
  outputs: null,
  costUsd: formatUsd(0n),
  variants: [],
  startedAt: null,
  finishedAt: null,
  error: null,
  // Copies of a forEach step are made only when it starts.
  steps: run.steps
    .filter(({ stepId }) => !stepId.endsWith(']'))
    .map(({ stepId, displayName, toolId }) => ({
      stepId,
      displayName,
      toolId,
      status: 'pending',
      attempts: 0,
      costUsd: formatUsd(0n),
      startedAt: null,
      finishedAt: null,
      output: null,
      error: null,
      waitsFor: null,
      childRunId: null,
    })),
})

/** What it would cost. Changes nothing, so a key that may only read may ask. */
export async function answerQuote(core: Core, c: Context<Env>, target: () => Target): Promise<Response> {
  const { actor, body } = await readRequest(core, c, quoteBody, 'read')
  const definition = await definitionOf(core, actor, target())
  return c.json(quoteView(await quoteRun(core, actor, definition, body.inputs)))
}

export const quoteView = ({ estimateMicros, maxMicros, perStep }: JobQuote): object => ({
  ...amounts({ estimateMicros, maxMicros }),
  perStep: perStep.map(({ estimateMicros, maxMicros, ...step }) => ({
    ...step,
    ...amounts({ estimateMicros, maxMicros }),
  })),
})

const amounts = ({ estimateMicros, maxMicros }: { estimateMicros: bigint; maxMicros: bigint }) => ({
  estimateUsd: formatUsd(estimateMicros),
  maxUsd: formatUsd(maxMicros),
})

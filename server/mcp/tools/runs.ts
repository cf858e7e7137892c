import { z } from 'zod'
import { parseUsd } from '#core/money.ts'
import { cancelRun } from '#core/runs/cancel.ts'
import { getRunPage } from '#core/runs/page.ts'
import { findRuns } from '#core/runs/read.ts'
import { retryAgreed } from '#core/runs/retry.ts'
import { RUN_MOVES } from '#core/runs/states.ts'
import { text } from '../../api/schemas.ts'
import { follow } from '../follow.ts'
import { paidRun, type RunAnswer } from '../run-answer.ts'
import { defineTool, READING, type Tool, WRITING } from '../tool.ts'

const runId = text(64).min(1).describe('The id of a run: run_…')
const status = z.enum(Object.keys(RUN_MOVES) as [keyof typeof RUN_MOVES])

/** Longer than this no call keeps anybody waiting: programs give up after a minute. */
export const WAIT_MOST_S = 50

export const confirmUpToUsd = z
  .string()
  .refine((said) => parseUsd(said) !== undefined, 'must be an amount in dollars, as text: "0.50"')
  .describe('The most that a person has agreed to pay, in dollars as text ("0.50"). Needed for what is expensive.')

export const RUN_TOOLS: Tool[] = [
  defineTool({
    name: 'runs.get',
    title: 'Look at a run',
    description:
      'One run with its steps, outputs, cost and who paid. With waitSeconds the answer comes when the run has ended or waits for somebody, at the latest after that time.',
    args: z.strictObject({ runId, waitSeconds: z.number().int().min(0).max(WAIT_MOST_S).default(0), ...READING }),
    hints: { readOnly: true },
    async run(core, actor, { runId, waitSeconds }, call) {
      if (waitSeconds > 0) await follow(core, actor, runId, { ...call, waitMs: waitSeconds * 1_000 })
      return getRunPage(core, actor, runId)
    },
  }),
  defineTool({
    name: 'runs.list',
    title: 'List runs',
    description: 'Runs of the context, the newest first, without their steps.',
    args: z.strictObject({
      jobId: text(100).exactOptional(),
      status: z.array(status).min(1).exactOptional(),
      text: text(200).exactOptional().describe('In the name of the job or the inputs.'),
      cursor: text(200).exactOptional(),
      limit: z.number().int().min(1).max(100).default(20),
      ...READING,
    }),
    hints: { readOnly: true },
    run: (core, actor, { context: _, status, ...query }) =>
      findRuns(core, actor, { ...query, ...(status ? { statuses: status } : {}) }),
  }),
  defineTool({
    name: 'runs.cancel',
    title: 'Stop a run',
    description: 'Stops a run. What was done by then is paid, the rest of what was held is given back.',
    args: z.strictObject({ runId, ...WRITING }),
    hints: { readOnly: false, destructive: true, idempotent: true },
    async run(core, actor, { runId }): Promise<RunAnswer> {
      await cancelRun(core, actor, runId)
      return paidRun(core, actor, runId)
    },
  }),
  defineTool({
    name: 'runs.retry',
    title: 'Run again what did not go well',
    description:
      'From the failed step the same run goes on, and what was paid stays paid. From the start it is a new run with the same inputs, which is paid anew.',
    args: z.strictObject({
      runId,
      from: z.enum(['failed_step', 'start']).default('failed_step'),
      definition: z.enum(['pinned', 'newest']).default('pinned'),
      confirmUpToUsd: confirmUpToUsd.exactOptional(),
      ...WRITING,
    }),
    hints: { readOnly: false, destructive: false, idempotent: false },
    async run(core, actor, { runId, from, definition, confirmUpToUsd }): Promise<RunAnswer> {
      const agreed = confirmUpToUsd === undefined ? undefined : parseUsd(confirmUpToUsd)
      const retried = await retryAgreed(core, actor, { runId, from, definition }, agreed)
      return paidRun(core, actor, retried.runId)
    },
  }),
]

import { z } from 'zod'
import type { ReviewView } from '#core/reviews/view.ts'
import type { FileView } from '#core/runs/files.ts'
import type { WaitingFor } from '#core/runs/funds-wait.ts'
import type { RunPage } from '#core/runs/page.ts'
import type { RunEventView } from '#core/runs/read.ts'
import type { RunListItem, RunView, StepView } from '#core/runs/view.ts'
import type { VariantView } from '#core/variants/read.ts'
import { channel, context, failure, json, moment, shapeOf, usd } from './shape.ts'
import { jsonSchema } from './tools.ts'

const status = z.enum([
  'queued',
  'running',
  'waiting',
  'succeeded',
  'partially_completed',
  'failed',
  'cancelled',
  'payment_failed',
])
const startedBy = z.object({ accountId: z.string(), channel })
const initiator = startedBy.extend({ handle: z.string().nullable() })

const summary = {
  id: z.string(),
  jobId: z.string(),
  jobVersion: z.int(),
  context,
  status,
  inputs: json,
  outputs: json.nullable(),
  estimateUsd: usd,
  maxUsd: usd,
  costUsd: usd,
  variants: z.array(z.string()),
  reviewId: z.string().nullable(),
  createdAt: moment,
  startedAt: moment.nullable(),
  finishedAt: moment.nullable(),
  error: failure.nullable(),
}

const step = shapeOf<StepView>()(
  z.object({
    stepId: z.string(),
    displayName: z.string(),
    toolId: z.string().nullable(),
    status: z.enum(['pending', 'ready', 'running', 'waiting', 'succeeded', 'failed', 'skipped', 'cancelled']),
    attempts: z.int(),
    costUsd: usd,
    startedAt: moment.nullable(),
    finishedAt: moment.nullable(),
    output: json.nullable(),
    error: failure.nullable(),
    waitsFor: z
      .object({ kind: z.enum(['timer', 'callback', 'review', 'job', 'funds']), until: moment.nullable() })
      .nullable(),
    childRunId: z.string().nullable(),
  }),
)

const waitingFor = shapeOf<WaitingFor>()(
  z.object({
    kind: z.literal('funds'),
    limit: z.string(),
    message: z.string(),
    neededUsd: z.string(),
    missingUsd: z.string(),
    expiresAt: moment,
    facts: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
)

const run = {
  ...summary,
  title: z.string(),
  parentRunId: z.string().nullable(),
  steps: z.array(step),
  waitingFor: waitingFor.nullable().meta({ description: 'What it lacks, while it waits for money or room' }),
}
const file = { id: z.string(), name: z.string(), mediaType: z.string(), sizeBytes: z.int() }
const person = { accountId: z.string(), at: moment }

export const RUN_VIEWS = {
  RunStep: step,
  RunListed: shapeOf<RunListItem>()(z.object({ ...summary, initiator })),
  RunAccepted: shapeOf<RunView>()(z.object({ ...run, initiator: startedBy })),
  Run: shapeOf<RunPage>()(
    z.object({
      ...run,
      initiator,
      actions: z.array(z.enum(['cancel', 'retry', 'run_again', 'accept'])).meta({ description: 'What one may do now' }),
    }),
  ),
  RunEvent: shapeOf<RunEventView>()(
    z.object({
      seq: z.int(),
      at: moment,
      type: z.string(),
      actor: z.string(),
      handle: z.string().nullable(),
      details: json,
    }),
  ),
  Variant: shapeOf<VariantView>()(
    z.object({
      id: z.string(),
      runId: z.string(),
      sourceRunId: z.string(),
      jobId: z.string(),
      context,
      number: z.int(),
      revision: z.int(),
      outputs: json,
      edited: z.object(person).nullable(),
      accepted: z.object({ ...person, channel }).nullable(),
      createdAt: moment,
    }),
  ),
  Artifact: z.object(file),
  ArtifactOfRun: shapeOf<FileView>()(z.object({ ...file, runId: z.string(), createdAt: moment })),
  Review: shapeOf<ReviewView>()(
    z.object({
      id: z.string(),
      runId: z.string(),
      stepId: z.string(),
      round: z.int(),
      context,
      title: z.string(),
      requestedBy: z.string(),
      kind: z.enum(['decide', 'choose', 'form']),
      status: z.enum(['open', 'approved', 'rejected', 'changes_requested', 'expired']),
      prompt: z.string().nullable(),
      payload: json,
      payloadHash: z.string().meta({ description: 'A decision names it: what was shown is what is decided' }),
      approvers: z.object({
        people: z.array(z.string()),
        roles: z.array(z.string()),
        count: z.int(),
        selfApproval: z.boolean(),
        twoPerson: z.boolean(),
      }),
      schema: jsonSchema.nullable(),
      variants: z.array(z.object({ id: z.string(), label: z.string() })),
      decisions: z.array(
        z.object({
          accountId: z.string(),
          handle: z.string(),
          decision: z.string(),
          comment: z.string().nullable(),
          at: moment,
          channel: z.string(),
        }),
      ),
      canDecide: z.boolean(),
      reason: z.string().nullable(),
      createdAt: moment,
      closedAt: moment.nullable(),
    }),
  ),
}

const exported = z.object({ ...file, url: z.string() })

/** What was written to files, and what came of each of several. */
export const RESULT_VIEWS = {
  Exported: z.object({ variantId: z.string(), ...exported.partial().shape, files: z.array(exported) }),
  BatchResult: z.object({
    results: z.array(
      z.union([
        z.object({ id: z.string(), ok: z.literal(true), files: z.array(exported).optional() }),
        z.object({ id: z.string(), ok: z.literal(false), error: failure }),
      ]),
    ),
  }),
}

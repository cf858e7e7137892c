import type { Actor } from '#core/actor.ts'
import { type Reply, reply } from '#core/chat/message.ts'
import { contextKey } from '#core/context.ts'
import type { Core } from '#core/core.ts'
import { JOB_FIELD } from '#core/forms/chosen.ts'
import { openForm } from '#core/forms/open.ts'
import { listPublished } from '#core/jobs/read.ts'
import type { JsonSchema } from '#core/schema.ts'
import type { UserCall } from '../command.ts'
import { shorten } from '../replies.ts'

const LABEL_MAX = 60

export const NO_JOBS = reply('There are no jobs here yet. /jobs templates has some to copy.')

/** The jobs that can be run, as a field of a form; undefined when there are none. */
export async function jobChoice(
  core: Pick<Core, 'db'>,
  actor: Actor,
): Promise<{ field: JsonSchema; labels: Record<string, string> } | undefined> {
  const published = await listPublished(core, actor)
  if (published.length === 0) return undefined
  return {
    field: { type: 'string', title: 'Job', enum: published.map(({ jobId }) => jobId) },
    labels: Object.fromEntries(published.map(({ jobId, displayName }) => [jobId, shorten(displayName, LABEL_MAX)])),
  }
}

/** Asks which job, then for its inputs; what is answered goes to its main input. */
export async function askWhichJob({ core, actor, incoming }: UserCall): Promise<Reply> {
  const choice = await jobChoice(core, actor)
  if (!choice) return NO_JOBS
  const text = incoming.replyTo?.text
  const [file] = [...incoming.files, ...(incoming.replyTo?.files ?? [])]
  const context = contextKey(actor.context)
  const formId = await openForm(core, actor, {
    conversation: incoming.conversation,
    purpose: { kind: 'run', target: null, context, ...(text ? { text } : {}), ...(file ? { file } : {}) },
    terms: {
      title: 'Run a job',
      submitLabel: 'Go on',
      hasOverview: true,
      inputSchema: {
        type: 'object',
        properties: { [JOB_FIELD]: choice.field },
        required: [JOB_FIELD],
      },
      labels: { [JOB_FIELD]: choice.labels },
    },
  })
  return { parts: [], formId }
}

import { type Reply, reply } from '#core/chat/message.ts'
import { contextKey } from '#core/context.ts'
import { JOB_FIELD } from '#core/forms/chosen.ts'
import { openForm } from '#core/forms/open.ts'
import { listJobs } from '#core/jobs/read.ts'
import type { UserCall } from '../command.ts'
import { shorten } from '../replies.ts'

const LABEL_MAX = 60

/** Asks which job, then for its inputs; what is answered goes to its main input. */
export async function askWhichJob({ core, actor, incoming }: UserCall): Promise<Reply> {
  const published = (await listJobs(core, actor)).filter(({ status }) => status === 'published')
  if (published.length === 0) return reply('There are no jobs here yet. /jobs templates has some to copy.')
  const labels = Object.fromEntries(published.map(({ jobId, displayName }) => [jobId, shorten(displayName, LABEL_MAX)]))
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
        properties: { [JOB_FIELD]: { type: 'string', title: 'Job', enum: published.map(({ jobId }) => jobId) } },
        required: [JOB_FIELD],
      },
      labels: { [JOB_FIELD]: labels },
    },
  })
  return { parts: [], formId }
}

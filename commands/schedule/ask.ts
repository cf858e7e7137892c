import { type Reply, reply } from '#core/chat/message.ts'
import { contextKey } from '#core/context.ts'
import { openForm } from '#core/forms/open.ts'
import { listJobs } from '#core/jobs/read.ts'
import type { UserCall } from '../command.ts'
import { renderLine } from '../grammar/render.ts'
import { shorten } from '../replies.ts'

const LABEL_MAX = 60
const TIMES = ['every day at 9', 'every weekday at 9', 'every monday at 9', 'tomorrow at 9am']

/** Asks what is to run, and when; then the line is as if both had been said with it. */
export async function askWhatAndWhen(call: UserCall): Promise<Reply> {
  const { core, actor, account, resolved, incoming, filled } = call
  if (typeof filled?.job === 'string' && typeof filled.when === 'string') {
    // A time is words, not one word: it stands in the line as it was typed.
    return call.obey(`${renderLine('schedule', { words: [filled.job] })} ${filled.when}`, undefined, {
      actor,
      account,
      resolved,
    })
  }
  const published = (await listJobs(core, actor)).filter(({ status }) => status === 'published')
  if (published.length === 0) return reply('There are no jobs here yet. /jobs templates has some to copy.')
  const formId = await openForm(core, actor, {
    conversation: incoming.conversation,
    purpose: { kind: 'line', line: '/schedule', context: contextKey(actor.context) },
    terms: {
      title: 'Schedule a job',
      note: 'What is to run, and when?',
      submitLabel: 'Go on',
      hasOverview: false,
      inputSchema: {
        type: 'object',
        properties: {
          job: { type: 'string', title: 'Job', enum: published.map(({ jobId }) => jobId) },
          when: { type: 'string', title: 'When', description: 'In words, like every weekday at 9', examples: TIMES },
        },
        required: ['job', 'when'],
      },
      labels: {
        job: Object.fromEntries(published.map(({ jobId, displayName }) => [jobId, shorten(displayName, LABEL_MAX)])),
      },
    },
  })
  return { parts: [], formId }
}

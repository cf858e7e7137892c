import type { Reply } from '#core/chat/message.ts'
import { contextKey } from '#core/context.ts'
import { openForm } from '#core/forms/open.ts'
import type { UserCall } from '../command.ts'
import { renderLine } from '../grammar/render.ts'
import { jobChoice, NO_JOBS } from '../job/choose.ts'

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
  const choice = await jobChoice(core, actor)
  if (!choice) return NO_JOBS
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
          job: choice.field,
          when: { type: 'string', title: 'When', description: 'In words, like every weekday at 9', examples: TIMES },
        },
        required: ['job', 'when'],
      },
      labels: { job: choice.labels },
    },
  })
  return { parts: [], formId }
}

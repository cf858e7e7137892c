import { type Reply, reply, text } from '#core/chat/message.ts'
import { fieldsOf } from '#core/jobs/forms.ts'
import { startRun } from '#core/runs/confirm.ts'
import type { UserCall } from '../command.ts'
import type { CommandLine } from '../grammar/line.ts'
import { renderLine } from '../grammar/render.ts'
import { buttons, muted, payLine, SILENCE } from '../replies.ts'
import { exampleOf, fieldHelp } from './fields.ts'
import { type GivenInputs, readInputs } from './inputs.ts'
import type { JobTarget } from './target.ts'

/** Starts a job from a line of chat. Its card is the answer; before that it may ask for inputs, or whether to spend. */
export async function startJob(call: UserCall, line: CommandLine, job: JobTarget): Promise<Reply> {
  const given = await readInputs(call, line, job)
  if (given.missing.length > 0) return askForInputs(job, given)
  const { core, actor, incoming, resolved } = call
  const { inputs } = given
  const started = await startRun(core, actor, { target: job.target, inputs, conversation: incoming.conversation })
  if ('runId' in started) return SILENCE
  const { ask, prepared } = started
  return reply(
    text(prepared.definition.displayName, 'strong'),
    await payLine(core, resolved, prepared.quote),
    buttons(
      { label: 'Run it', command: renderLine('confirm', { words: [ask.code] }), style: 'primary' },
      { label: 'Cancel', command: renderLine('confirm', { words: [ask.code, 'no'] }) },
    ),
  )
}

/** What a job still needs, and a line that would have it. */
export function askForInputs({ definition, command }: JobTarget, { missing }: GivenInputs): Reply {
  const fields = fieldsOf(definition)
  const hasPrimary = missing.some(({ primary }) => primary)
  return reply(
    text(`${definition.displayName} needs ${missing.map(({ name }) => name).join(' and ')}.`, 'strong'),
    { type: 'fields', fields: missing.map(fieldHelp) },
    ...(hasPrimary
      ? [
          muted(
            'Write it behind the command or on the lines below, answer a message that has it, or attach a text file.',
          ),
        ]
      : []),
    text('For example'),
    { type: 'code', text: exampleOf(command, fields) },
  )
}

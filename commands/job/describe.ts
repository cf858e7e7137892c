import { type Part, type Reply, reply, text } from '#core/chat/message.ts'
import { AppError } from '#core/errors.ts'
import { fieldsOf } from '#core/jobs/forms.ts'
import { showUsd } from '#core/money.ts'
import { quoteRun } from '#core/runs/quote.ts'
import type { UserCall } from '../command.ts'
import { muted } from '../replies.ts'
import { exampleOf, fieldHelp, usageOf } from './fields.ts'
import type { JobTarget } from './target.ts'

/** What a job does, what it takes, how it is started, and what it costs: its help. */
export async function describeJob(
  { core, actor }: Pick<UserCall, 'core' | 'actor'>,
  { definition, command }: JobTarget,
): Promise<Reply> {
  const fields = fieldsOf(definition)
  const parts: Part[] = [
    text(definition.displayName, 'strong'),
    text(definition.description),
    { type: 'code', text: usageOf(command, definition) },
  ]
  if (fields.length > 0) parts.push({ type: 'fields', fields: fields.map(fieldHelp) })
  parts.push(text('For example'), { type: 'code', text: exampleOf(command, fields) })
  const steps = definition.steps.map(({ displayName, stepId }) => displayName ?? stepId)
  parts.push(muted(`Steps: ${steps.join(' → ')}`), muted(await priceLine({ core, actor }, definition)))
  return reply(...parts)
}

async function priceLine(
  { core, actor }: Pick<UserCall, 'core' | 'actor'>,
  definition: JobTarget['definition'],
): Promise<string> {
  try {
    const { estimateMicros, maxMicros } = await quoteRun(core, actor, definition)
    return `A run costs ≈ ${showUsd(estimateMicros)}, at most ${showUsd(maxMicros)}.`
  } catch (error) {
    if (error instanceof AppError) return error.message
    throw error
  }
}

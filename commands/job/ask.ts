import { type Reply, reply, text } from '#core/chat/message.ts'
import type { Resolved } from '#core/contexts/resolve.ts'
import type { Started } from '#core/runs/confirm.ts'
import type { UserCall } from '../command.ts'
import { renderLine } from '../grammar/render.ts'
import { buttons, payLine } from '../replies.ts'

/** The question before a run that may cost more than this person or team lets pass unasked. */
export async function askToConfirm(
  { core }: Pick<UserCall, 'core'>,
  payer: Resolved,
  { ask, prepared }: Exclude<Started, { runId: string }>,
): Promise<Reply> {
  return reply(
    text(prepared.definition.displayName, 'strong'),
    await payLine(core, payer, prepared.quote),
    buttons(
      { label: 'Run it', command: renderLine('confirm', { words: [ask.code] }), style: 'primary' },
      { label: 'Cancel', command: renderLine('confirm', { words: [ask.code, 'no'] }) },
    ),
  )
}

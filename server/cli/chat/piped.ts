import { text as readAll } from 'node:stream/consumers'
import type { WebMessage } from '#core/chat/web.ts'
import type { Core } from '#core/core.ts'
import type { Output } from '../output.ts'
import { untilDefined } from '../waiting.ts'
import type { ChatSession } from './session.ts'

/**
 * A conversation without a person: all of the input is one message, or each line is one. Ends when everything is
 * answered and no run that was started goes on by itself.
 */
export async function pipedChat(
  core: Core,
  session: ChatSession,
  output: Output,
  { input, byLine }: { input: NodeJS.ReadableStream; byLine: boolean },
): Promise<void> {
  const { conversation } = session
  const heard = new Map<string, WebMessage>()
  const listen = async (): Promise<void> => {
    for (const message of await conversation.changes()) {
      const lines = session.show(message)
      heard.set(message.id, message)
      if (!output.isJson && lines.length > 0) output.print([...lines, ''])
    }
  }
  const listenUntil = (holds: () => Promise<boolean>): Promise<true | undefined> =>
    untilDefined(core.db, async () => {
      // Asked first, heard then: whatever was answered before is among what is heard.
      const isOver = await holds()
      await listen()
      return isOver ? true : undefined
    })
  const whole = await readAll(input)
  if (!byLine && isListOfCommands(whole)) output.note('This goes as one message; with --lines each line is one.')
  for (const message of byLine ? whole.split(/\r?\n/).filter((line) => line.trim() !== '') : [whole.trimEnd()]) {
    const told = await session.take(message)
    if (told !== undefined) output.note(told)
    await listenUntil(() => conversation.isAnswered())
  }
  await listenUntil(() => conversation.isSettled())
  if (output.isJson) output.answer({ conversationId: conversation.id, messages: [...heard.values()] }, '')
}

/** A log that is pasted behind a command is one message; where each line is a command, somebody means several. */
function isListOfCommands(text: string): boolean {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  return lines.length > 1 && lines.every((line) => line.startsWith('/'))
}

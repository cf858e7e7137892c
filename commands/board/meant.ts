import { meantOnce } from '#core/chat/meant.ts'
import type { Reply } from '#core/chat/message.ts'
import { reply } from '#core/chat/message.ts'
import { tasksMeant } from '#core/tasks/meant.ts'
import type { TaskStatus } from '#core/tasks/moves.ts'
import { getTask } from '#core/tasks/read.ts'
import type { UserCall } from '../command.ts'
import { buttons, shorten } from '../replies.ts'

const BUTTONS_MAX = 8

/**
 * The task somebody means, the same one when their message is handled again; or, when several fit, the question which one,
 * with the same command behind each button.
 */
export async function taskMeant(
  { core, actor }: Pick<UserCall, 'core' | 'actor'>,
  { words, to, command }: { words: string | undefined; to: TaskStatus; command: (id: string) => string },
): Promise<{ id: string } | { ask: Reply }> {
  const ids = await meantOnce(core, actor, { what: 'task', words: { words: words ?? null, to } }, (tx) =>
    tasksMeant(tx, actor, { words, to }),
  )
  const [only, another] = ids
  if (only !== undefined && another === undefined) return { id: only }
  const shown = await Promise.all(ids.slice(0, BUTTONS_MAX).map((id) => getTask(core, actor, id)))
  const list = shown.map(({ id, title }) => ({ label: shorten(title, 40), command: command(id) }))
  return { ask: reply(`${ids.length} tasks fit. Which one?`, buttons(...list)) }
}

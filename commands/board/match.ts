import { type Reply, reply } from '#core/chat/message.ts'
import type { MatchAnswer } from '#core/tasks/match/match.ts'
import type { UserCall } from '../command.ts'
import { taskParts } from './show.ts'

/** Who does a task and why; or that a model is asked, whose answer comes by itself. */
export async function matchReply(
  { core, actor }: Pick<UserCall, 'core' | 'actor'>,
  { task, match }: MatchAnswer,
): Promise<Reply> {
  const words = match
    ? `${match.name} does it (${Math.round(match.confidence * 100)} % sure): ${match.reason}.`
    : 'A model is asked who does it; you hear what it says.'
  return reply(words, ...(await taskParts(core, actor, task)))
}

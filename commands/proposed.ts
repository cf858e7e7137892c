import { privately, reply } from '#core/chat/message.ts'
import { contextOf } from '#core/context.ts'
import { actorFor } from '#core/contexts/actor-for.ts'
import { AppError } from '#core/errors.ts'
import { takeProposal } from '#core/words/proposal.ts'
import { defineCommand, type UserCall } from './command.ts'
import { parseLine } from './grammar.ts'
import { startJob } from './job/start-job.ts'
import { jobOfCommand } from './job/target.ts'
import { asFlag } from './replies.ts'
import { askAgain, DROPPED, toEdit } from './words/show.ts'

const VERBS = ['go', 'yes', 'edit', 'no'] as const

export const proposed = defineCommand({
  name: 'proposed',
  summary: 'Answer what I understood; its buttons do this',
  group: 'start',
  isHidden: true,
  args: [
    { name: 'proposal', kind: 'word' },
    { name: 'verb', kind: 'word', choices: VERBS },
  ],
  run: async (call) => {
    const { core, actor, args } = call
    const { proposal: id, verb } = args
    const taken = await takeProposal(core, actor, { id, verb })
    switch (taken.outcome) {
      case 'stale':
        return { ...privately(reply(taken.why)), notice: taken.why }
      case 'ask_again':
        return askAgain(id, taken.line)
      case 'dropped':
        return verb === 'edit' ? toEdit(taken.line) : DROPPED
      case 'do':
        return carryOut(call, taken)
    }
  },
})

/** The line as if its person had typed it now, in the context in which it was proposed, with the rights they have by now. */
async function carryOut(
  call: UserCall,
  { line: text, target, context }: { line: string; target: 'command' | 'job'; context: string },
) {
  const { core, actor, incoming, requestKey } = call
  const { channel, conversation } = incoming
  const explicit = asFlag({ context: contextOf(context) })
  const sender = await actorFor(core, { accountId: actor.accountId, channel, conversation, requestKey, explicit })
  if (target === 'command') return call.obey(text, undefined, sender)
  const line = parseLine(text)
  const job = line.kind === 'command' ? await jobOfCommand(core, sender.actor, line.name) : undefined
  if (line.kind !== 'command' || !job) throw new AppError('not_found', 'There is no such job here any more.')
  return startJob({ ...call, ...sender, line }, line, job)
}

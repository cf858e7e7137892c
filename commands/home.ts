import { privately, type Reply } from '#core/chat/message.ts'
import { personOfHome } from '#core/home/address.ts'
import { homeParts } from '#core/home/card.ts'
import { openHome } from '#core/home/open.ts'
import { type AnyCall, defineCommand, type UserCall } from './command.ts'
import { askForInputs } from './job/start-job.ts'
import { jobNamed } from './job/target.ts'
import { SILENCE } from './replies.ts'
import { howToGetIn } from './start.ts'

/** Channels say it for somebody who looks at their home there; looking lets nobody in. */
export const home = defineCommand({
  name: 'home',
  summary: 'Who pays, what waits for you, what you run',
  group: 'start',
  access: 'stranger',
  isHidden: true,
  args: [
    { name: 'what', kind: 'word', choices: ['run'], optional: true },
    { name: 'job', kind: 'word', optional: true },
  ],
  run: async (call) => {
    if (!isKnown(call)) return howToGetIn()
    const { core, actor, args, incoming } = call
    if (args.job !== undefined) return askForInputs(call, await jobNamed(core, actor, args.job), {})
    const { channel, conversation } = incoming
    if (personOfHome(conversation) === undefined) return page(call)
    await openHome(core, { ...actor, channel }, conversation)
    return SILENCE
  },
})

/** Where there are no homes it is a message. */
async function page({ core, actor, incoming }: UserCall): Promise<Reply> {
  const { accountId, channel } = actor
  return privately({ parts: await homeParts(core, { accountId, channel, conversation: incoming.conversation }) })
}

const isKnown = <T extends Pick<AnyCall, 'actor' | 'account' | 'resolved'>>(call: T): call is T & UserCall =>
  call.actor !== undefined && call.account !== undefined && call.resolved !== undefined

import { channelTitle } from '#core/accounts/identities.ts'
import { enterLink, LINK_LIFETIME_MS, startLink } from '#core/accounts/link.ts'
import { confirmLink, declineLink } from '#core/accounts/link-answer.ts'
import { type Reply, reply, text } from '#core/chat/message.ts'
import { notify } from '#core/chat/notify.ts'
import { AppError } from '#core/errors.ts'
import { type AnyCall, defineCommand } from './command.ts'
import { identityOf } from './dispatch/sender.ts'
import { renderLine } from './grammar/render.ts'
import { buttons, privateReply } from './replies.ts'

const MINUTES = LINK_LIFETIME_MS / 60_000

export const link = defineCommand({
  name: 'link',
  summary: 'Be the same person on another channel',
  group: 'start',
  access: 'stranger',
  args: [
    { name: 'code', kind: 'word', optional: true, summary: 'What the other channel showed you; nothing to get one' },
    { name: 'more', kind: 'word', label: 'rest of the code', optional: true },
  ],
  examples: ['/link', '/link K7QM2XZP'],
  run: async (call) => {
    const { code, more = '' } = call.args
    if (code === undefined) return giveCode(call)
    if (code === 'confirm' || code === 'decline') return answer(call, code, more)
    return takeCode(call, code + more)
  },
})

async function giveCode({ core, actor, incoming }: Pick<AnyCall, 'core' | 'actor' | 'incoming'>): Promise<Reply> {
  if (!actor) throw new AppError('bad_input', 'Send /link where I know you already, then /link and the code here.')
  if (!incoming.isPrivate) throw new AppError('bad_input', 'Others read along here. Send /link to me in private.')
  const { code } = await startLink(core, actor, { conversation: incoming.conversation })
  return privateReply(
    text(code, 'heading'),
    `Send /link ${code} to me on the other channel within ${MINUTES} minutes. I will ask you here before I join the two.`,
  )
}

/** The other side typed the code: nothing is joined before the first side says yes. */
async function takeCode({ core, incoming }: Pick<AnyCall, 'core' | 'incoming'>, code: string): Promise<Reply> {
  const { isPrivate, conversation } = incoming
  const identity = identityOf(incoming)
  const { confirmToken, askIn } = await enterLink(core, { ...identity, code, conversation, isPrivate })
  const name = identity.name || identity.handle || identity.externalId
  await notify(core, {
    ...askIn,
    cause: 'link',
    reply: reply(
      `Somebody sent your code on ${channelTitle(incoming.channel)}, as ${name}. Is that you?`,
      'If you say yes, they act as you from then on: with your teams and your money.',
      buttons(
        {
          label: 'Yes, that is me',
          command: renderLine('link', { words: ['confirm', confirmToken] }),
          style: 'primary',
          says: 'yes',
        },
        { label: 'No', command: renderLine('link', { words: ['decline', confirmToken] }), style: 'danger' },
      ),
    ),
  })
  return privateReply(
    `Almost done. I asked on ${channelTitle(askIn.channel)}, where the code comes from: say yes there.`,
  )
}

async function answer(
  { core, actor }: Pick<AnyCall, 'core' | 'actor'>,
  decision: 'confirm' | 'decline',
  token: string,
): Promise<Reply> {
  if (!actor) throw new AppError('not_found', 'This question is not known here.')
  const joined = await (decision === 'confirm' ? confirmLink : declineLink)(core, actor, token)
  const who = `${joined.name} on ${channelTitle(joined.channel)}`
  return privateReply(decision === 'confirm' ? `Done: ${who} is you.` : `All right: ${who} stays somebody else.`)
}

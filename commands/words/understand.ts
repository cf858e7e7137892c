import type { Incoming, Reply } from '#core/chat/message.ts'
import { reply } from '#core/chat/message.ts'
import { contextOf } from '#core/context.ts'
import { actorFor } from '#core/contexts/actor-for.ts'
import type { Core } from '#core/core.ts'
import { AppError } from '#core/errors.ts'
import { listPublished } from '#core/jobs/read.ts'
import type { ReadMeant, ShowMeant } from '#core/words/answered.ts'
import { askWhatIsMeant } from '#core/words/ask.ts'
import { propose } from '#core/words/proposal.ts'
import type { Command, Sender } from '../command.ts'
import { notUnderstood } from '../dispatch/unknown.ts'
import { isOffered } from '../help.ts'
import { COMMANDS } from '../index.ts'
import { asFlag, muted } from '../replies.ts'
import { readLine } from './lines.ts'
import { type Known, lineFor } from './patterns.ts'
import { questionAbout } from './prompt.ts'
import { showProposal } from './show.ts'

/** Of a longer text only so many lines are read without a model. */
const LINES_READ = 3

const LET_ME_SEE = reply(muted('Let me see what you mean …'))

type Said = Pick<
  Incoming,
  'channel' | 'conversation' | 'isPrivate' | 'sender' | 'text' | 'files' | 'isForwarded' | 'hints'
>

/**
 * Words that are no command, from somebody who has an account: the command they plainly mean is proposed, else a model is
 * asked, where there is one. Nothing is done before they press. What others wrote, and is only passed on, means nothing.
 */
export async function understand(core: Core, sender: Sender, said: Said): Promise<Reply> {
  const { text, channel, isPrivate } = said
  if (channel === 'rule' || said.isForwarded || said.files.length > 0 || text.trim() === '') return notUnderstood()
  const commands = offeredTo(sender, isPrivate)
  const jobs = await listPublished(core, sender.actor)
  const at = { conversation: said.conversation, ...(isPrivate ? {} : { onlyFor: said.sender.externalId }) }
  const plain = plainLineIn(text, { commands: commands.map(({ name }) => name), jobs })
  const meant = plain === undefined ? undefined : await readLine(core, sender, plain, isPrivate)
  if (meant) return showProposal(await propose(core, sender.actor, at, meant), meant)
  // A mail that says that another one comes is one too many.
  const meanwhile =
    channel === 'email' ? undefined : { reply: LET_ME_SEE, ...(said.hints ? { hints: said.hints } : {}) }
  const isAsked = await askWhatIsMeant(core, sender.actor, at, questionAbout(text, { commands, jobs }), meanwhile)
  return isAsked ? reply() : notUnderstood()
}

/** All of it, or else one of its first lines, which may say it between a greeting and a name. */
function plainLineIn(words: string, known: Known): string | undefined {
  const first = words
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, LINES_READ)
  return (
    lineFor(words, known) ??
    (first.length > 1
      ? firstOf(
          first.filter((line) => /\S\s+\S/.test(line)),
          known,
        )
      : undefined)
  )
}

function firstOf(lines: readonly string[], known: Known): string | undefined {
  for (const line of lines) {
    const found = lineFor(line, known)
    if (found !== undefined) return found
  }
  return undefined
}

const offeredTo = ({ account, resolved }: Sender, isPrivate: boolean): Command[] => {
  const here = {
    isAdmin: account.platformRole === 'admin',
    isPrivate,
    isTeam: resolved.context.type === 'team',
  }
  return COMMANDS.filter((command) => isOffered(command, here))
}

/** How what a model has answered is read and shown, for the work that its run wakes. */
export function wordsOn(core: Core): { read: ReadMeant; show: ShowMeant } {
  return {
    async read({ proposal, said }) {
      const { account_id: accountId, channel, conversation, context, only_for } = proposal
      const explicit = asFlag({ context: contextOf(context) })
      try {
        const place = { channel: channel as Incoming['channel'], conversation, isSilent: true }
        const sender = await actorFor(core, { accountId, ...place, explicit })
        return await readLine(core, sender, said, only_for === null)
      } catch (error) {
        // Closed accounts, and teams they have left.
        if (error instanceof AppError) return undefined
        throw error
      }
    },
    show: ({ proposal, costMicros, isMock }, meant) =>
      meant ? showProposal(proposal.id, meant, { costMicros, isMock }) : notUnderstood(),
  }
}

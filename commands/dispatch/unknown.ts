import { privately, type Reply, reply } from '#core/chat/message.ts'
import type { Core } from '#core/core.ts'
import { listPublished } from '#core/jobs/read.ts'
import type { Sender } from '../command.ts'
import { COMMANDS } from '../index.ts'
import { shorten } from '../replies.ts'
import { suggest } from '../suggest.ts'

/** What to say to a command that is none: what it was probably meant to be, of commands and jobs. */
export async function unknownCommand(core: Core, { actor }: Sender, name: string): Promise<Reply> {
  const jobs = await listPublished(core, actor)
  const near = suggest(name, [
    ...COMMANDS.flatMap((command) => [command.name, ...command.aliases]),
    ...jobs.map(({ command }) => command),
  ])
  const hint =
    near.length > 0 ? `Did you mean ${near.map((one) => `/${one}`).join(' or ')}?` : '/help lists what there is.'
  return privately(reply(`There is no /${shorten(name, 40)} here. ${hint}`))
}

/** What to say to words that are no command. */
export const notUnderstood = (): Reply =>
  privately(reply('I did not understand that. /help lists what I can do, /jobs what I can run.'))

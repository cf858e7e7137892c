import type { Actor } from '#core/actor.ts'
import type { ChannelName } from '#core/chat/message.ts'
import { knownChats } from '#core/contexts/chats.ts'
import type { Core } from '#core/core.ts'
import { fieldsOf } from '#core/jobs/forms.ts'
import { jobsOfTeam, jobsState, publicJobs } from '#core/jobs/public.ts'
import { listPublished } from '#core/jobs/read.ts'
import type { Command } from './command.ts'
import { isOffered } from './help.ts'
import { COMMANDS } from './index.ts'
import { lineFields, primaryOf } from './job/fields.ts'
import { shorten } from './replies.ts'
import { jobUsageLine, usageLine } from './usage.ts'

export interface MenuEntry {
  command: string
  description: string
}

/** What platforms take at most in one menu, and of one description. */
const ENTRIES_MOST = 100
const DESCRIPTION_MOST = 256

/** Of no use from a menu: platforms have a button for it. */
const UNLISTED: ReadonlySet<string> = new Set(['start'])

/** In groups people run jobs and see who pays; the rest is between them and the bot. */
const IN_GROUPS: ReadonlySet<Command['group']> = new Set(['jobs', 'context'])

export interface Menus {
  personal: MenuEntry[]
  group: MenuEntry[]
  chats: { conversation: string; entries: MenuEntry[] | null }[]
}

/** Another text as soon as something may have changed that the menus of a channel are made from; costs less than they do. */
export const menuState = async (core: Pick<Core, 'db'>, channel: ChannelName): Promise<string> =>
  JSON.stringify([await knownChats(core, channel), await jobsState(core)])

/**
 * The menus of a channel that has them: for everybody in private, for everybody in groups, and for each conversation in
 * which somebody may do more, or a team has jobs of its own.
 */
export async function menusOn(core: Pick<Core, 'db'>, channel: ChannelName): Promise<Menus> {
  const everybody = await publicJobs(core)
  const personal = privateMenu(everybody, { isAdmin: false })
  const group = groupMenu(everybody)
  const chats: Menus['chats'] = []
  for (const chat of await knownChats(core, channel)) {
    const { conversation } = chat
    const isPerson = 'person' in chat
    const own = isPerson ? await menuOf(core, chat.person) : groupMenu(await jobsOfTeam(core, chat.teamId))
    chats.push({ conversation, entries: isSame(own, isPerson ? personal : group) ? null : own })
    // There may be a thousand of them, and somebody is waiting for an answer meanwhile.
    await new Promise(setImmediate)
  }
  return { personal, group, chats }
}

async function menuOf(core: Pick<Core, 'db'>, person: Actor): Promise<MenuEntry[]> {
  const jobs = await listPublished(core, person)
  return privateMenu(jobs, { isAdmin: person.platformRole === 'admin' })
}

const privateMenu = (jobs: readonly Described[], { isAdmin }: { isAdmin: boolean }): MenuEntry[] =>
  menu(
    jobs,
    listed().filter((command) => isOffered(command, { isAdmin, isTeam: true, isPrivate: true })),
  )

const groupMenu = (jobs: readonly Described[]): MenuEntry[] =>
  menu(
    jobs,
    listed().filter(
      (command) =>
        isOffered(command, { isAdmin: false, isTeam: true, isPrivate: false }) &&
        (IN_GROUPS.has(command.group) || command.name === 'help'),
    ),
  )

const listed = (): Command[] => COMMANDS.filter(({ name }) => !UNLISTED.has(name))

const isSame = (one: readonly MenuEntry[], other: readonly MenuEntry[]): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

type Described = { command: string; description: string }

/** Jobs first: they are what people come for. */
const menu = (jobs: readonly Described[], commands: readonly Command[]): MenuEntry[] => {
  const own = commands.map(({ name, summary }) => entry(name, summary))
  const first = jobs.slice(0, Math.max(0, ENTRIES_MOST - own.length))
  return [...first.map(({ command, description }) => entry(command, description)), ...own].slice(0, ENTRIES_MOST)
}

const entry = (command: string, description: string): MenuEntry => ({
  command,
  description: shorten(description, DESCRIPTION_MOST),
})

export interface CommandInfo {
  /** Without the slash. */
  command: string
  usage: string
  summary: string
}

/** Everything a person can say in their context, for suggestions while they type. */
export async function commandsFor(core: Pick<Core, 'db'>, actor: Actor): Promise<CommandInfo[]> {
  const standing = {
    isAdmin: actor.platformRole === 'admin',
    isTeam: actor.context.type === 'team',
    isPrivate: true,
  }
  const offered = COMMANDS.filter((command) => isOffered(command, standing))
  const jobs = await listPublished(core, actor)
  return [
    ...offered.map((command) => ({ command: command.name, usage: usageLine(command), summary: command.summary })),
    ...jobs.map(({ command, definition, description }) => {
      const fields = fieldsOf(definition)
      const usage = jobUsageLine(command, lineFields(fields), primaryOf(fields))
      return { command, usage, summary: shorten(description, DESCRIPTION_MOST) }
    }),
  ]
}

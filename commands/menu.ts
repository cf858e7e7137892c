import type { Actor } from '#core/actor.ts'
import type { Core } from '#core/core.ts'
import { fieldsOf } from '#core/jobs/forms.ts'
import { publicJobs } from '#core/jobs/public.ts'
import { listJobs } from '#core/jobs/read.ts'
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

/** The menus of the channels that have them: for everybody in private, and for everybody in groups. */
export async function menuFor(core: Pick<Core, 'db'>): Promise<{ personal: MenuEntry[]; group: MenuEntry[] }> {
  const everyone = { isAdmin: false, isTeam: true }
  const offered = COMMANDS.filter(({ name }) => !UNLISTED.has(name))
  const personal = offered.filter((command) => isOffered(command, { ...everyone, isPrivate: true }))
  const group = offered.filter(
    (command) =>
      isOffered(command, { ...everyone, isPrivate: false }) &&
      (IN_GROUPS.has(command.group) || command.name === 'help'),
  )
  const jobs = (await publicJobs(core)).map(({ command, description }) => entry(command, description))
  return { personal: menu(jobs, personal), group: menu(jobs, group) }
}

/** Jobs first: they are what people come for. */
const menu = (jobs: readonly MenuEntry[], commands: readonly Command[]): MenuEntry[] => {
  const own = commands.map(({ name, summary }) => entry(name, summary))
  return [...jobs.slice(0, Math.max(0, ENTRIES_MOST - own.length)), ...own].slice(0, ENTRIES_MOST)
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
  const jobs = (await listJobs(core, actor)).filter(({ status }) => status === 'published')
  return [
    ...offered.map((command) => ({ command: command.name, usage: usageLine(command), summary: command.summary })),
    ...jobs.map(({ command, definition, description }) => {
      const fields = fieldsOf(definition)
      const usage = jobUsageLine(command, lineFields(fields), primaryOf(fields))
      return { command, usage, summary: shorten(description, DESCRIPTION_MOST) }
    }),
  ]
}

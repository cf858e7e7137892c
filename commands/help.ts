import { type Part, type Reply, reply, text } from '#core/chat/message.ts'
import { AppError } from '#core/errors.ts'
import { listJobs, listPublished } from '#core/jobs/read.ts'
import { type Command, defineCommand, GROUPS, type Group, type UserCall } from './command.ts'
import { commandName } from './grammar/line.ts'
import { describeJob } from './job/describe.ts'
import { jobOfCommand } from './job/target.ts'
import { buttons, muted, shorten } from './replies.ts'
import { suggest } from './suggest.ts'
import { commandHelp, usageLine } from './usage.ts'

const TITLES: Record<Group, string> = {
  start: 'Start',
  context: 'Who pays',
  teams: 'Teams',
  money: 'Money',
  jobs: 'Jobs',
  reviews: 'Reviews',
  schedules: 'Schedules',
  agents: 'Agents and board',
  admin: 'Administration',
}

/** Help over all commands; they come as a function, because help is one of them. */
export const helpOn = (all: () => readonly Command[]): Command =>
  defineCommand({
    name: 'help',
    summary: 'What you can say here; /help <command> says more',
    group: 'start',
    args: [{ name: 'command', kind: 'word', label: 'command or job', optional: true }],
    flags: [{ name: 'group', kind: 'word', choices: GROUPS, summary: 'Everything about this' }],
    examples: ['/help', '/help run', '/help --group money'],
    run: async (call) => {
      if (call.args.command !== undefined) return about(call, all(), call.args.command)
      return call.flags.group === undefined ? overview(call, all()) : aboutGroup(call, all(), call.flags.group)
    },
  })

/** Whether a command is of use to this person here: rights in a team are told when it is used. */
export const isOffered = (
  { access, scope, isHidden }: Command,
  { isAdmin, isPrivate, isTeam }: { isAdmin: boolean; isPrivate: boolean; isTeam: boolean },
): boolean =>
  !isHidden && (access !== 'admin' || isAdmin) && (scope !== 'private' || isPrivate) && (scope !== 'team' || isTeam)

async function overview(call: UserCall, all: readonly Command[]): Promise<Reply> {
  const groups = GROUPS.map((group) => ({ group, commands: offeredTo(call, all, group) })).filter(
    ({ commands }) => commands.length > 0,
  )
  return reply(
    ...(await jobParts(call)),
    text('What you can say', 'strong'),
    {
      type: 'fields',
      fields: groups.map(({ group, commands }) => ({
        label: TITLES[group],
        value: commands.map(({ name }) => `/${name}`).join(' '),
      })),
    },
    muted('/help <command> says how one is used. A button says it all about a group.'),
    buttons(...groups.map(({ group }) => ({ label: TITLES[group], command: `/help --group=${group}` }))),
  )
}

const offeredTo = ({ actor, account, incoming }: UserCall, all: readonly Command[], group: Group): Command[] => {
  const standing = {
    isAdmin: account.platformRole === 'admin',
    isPrivate: incoming.isPrivate,
    isTeam: actor.context.type === 'team',
  }
  return all.filter((command) => command.group === group && isOffered(command, standing))
}

/** Every command of a group with its use, and one example of each that has one. */
function aboutGroup(call: UserCall, all: readonly Command[], group: Group): Reply {
  const commands = offeredTo(call, all, group)
  const examples = commands.flatMap((command) => command.examples.slice(0, 1))
  return reply(
    text(TITLES[group], 'strong'),
    { type: 'list', items: commands.map(lineOf) },
    ...(examples.length > 0 ? [text('For example'), { type: 'code', text: examples.join('\n') } as const] : []),
  )
}

/** Flags are for those who ask about one command. */
const lineOf = (command: Command): string => `${usageLine({ ...command, flags: [] })} – ${command.summary}`

const JOBS_MOST = 15

async function jobParts({ core, actor }: Pick<UserCall, 'core' | 'actor'>): Promise<Part[]> {
  const published = await listPublished(core, actor)
  if (published.length === 0) return []
  const shown = published.slice(0, JOBS_MOST)
  const items = shown.map(({ command, description }) => `/${command} – ${shorten(description, 80)}`)
  const more = published.length - shown.length
  return [
    text('What can be run here', 'strong'),
    { type: 'list', items },
    ...(more > 0 ? [muted(`/jobs shows ${more} more.`)] : []),
  ]
}

async function about(call: UserCall, all: readonly Command[], named: string): Promise<Reply> {
  const name = commandName(named.replace(/^\//, ''))
  const command = all.find((candidate) => candidate.name === name || candidate.aliases.includes(name))
  if (command) return commandHelp(command)
  const job = await jobOfCommand(call.core, call.actor, name)
  if (job) return describeJob(call, job)
  const jobs = await listJobs(call.core, call.actor)
  const near = suggest(name, [...all.map((candidate) => candidate.name), ...jobs.map((candidate) => candidate.command)])
  const hint = near.length > 0 ? ` Did you mean ${near.map((one) => `/${one}`).join(' or ')}?` : ''
  throw new AppError('not_found', `There is no /${shorten(name, 40)} here.${hint}`)
}

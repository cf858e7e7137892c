import type { Actor } from '#core/actor.ts'
import { type Reply, reply, text } from '#core/chat/message.ts'
import { contextTitle, type Resolved } from '#core/contexts/resolve.ts'
import type { Core } from '#core/core.ts'
import { AppError } from '#core/errors.ts'
import { commandOf } from '#core/jobs/definition.ts'
import { copyTemplate, listJobs } from '#core/jobs/read.ts'
import { type SavedJob, saveJob, setPublished, type Visibility } from '#core/jobs/save.ts'
import { defineCommand, type UserCall } from './command.ts'
import { renderLine } from './grammar/render.ts'
import { jobKeyOf } from './job/target.ts'
import { textOfFile } from './job/text-file.ts'
import { buttons } from './replies.ts'

export const publish = defineCommand({
  name: 'publish',
  summary: 'Make a job a command: from a YAML file or text, or a template',
  group: 'jobs',
  args: [
    {
      name: 'source',
      kind: 'text',
      label: 'job file or template',
      optional: true,
      summary: 'Or attach the file, or answer it',
    },
  ],
  flags: [
    { name: 'visibility', kind: 'word', choices: ['private', 'team', 'public'], summary: 'Who may run it' },
    { name: 'draft', kind: 'boolean', summary: 'Save it without making it a command yet' },
  ],
  examples: ['/publish release-notes', '/publish\njobId: hello\ndisplayName: Hello\n…'],
  run: async (call) => {
    const { core, actor, args, flags, resolved } = call
    const source = args.source ?? (await sourceInMessage(call))
    if (source === undefined) {
      throw new AppError(
        'bad_input',
        'There is no job in your message. Write it below the command, or attach its file.',
      )
    }
    if (/^[\w-]{1,64}$/.test(source.trim())) return published(await publishNamed(core, actor, source), resolved)
    const visibility = flags.visibility ? { visibility: flags.visibility satisfies Visibility } : {}
    return published(await saveJob(core, actor, { source, publish: !flags.draft, ...visibility }), resolved)
  },
})

async function sourceInMessage(call: UserCall): Promise<string | undefined> {
  const { files, replyTo } = call.incoming
  const file = files[0] ?? replyTo?.files?.[0]
  return file ? textOfFile(call, file) : replyTo?.text
}

/** A name alone is a draft of one's own, else a template of which one gets a copy. */
async function publishNamed(core: Core, actor: Actor, name: string): Promise<SavedJob> {
  const key = jobKeyOf(name.trim())
  const own = (await listJobs(core, actor)).find(({ jobId, isOwn }) => isOwn && jobId === key)
  return own ? setPublished(core, actor, key, true) : copyTemplate(core, actor, key)
}

function published({ jobId, version, status, visibility }: SavedJob, resolved: Resolved): Reply {
  const where = visibility === 'public' ? 'everybody' : contextTitle(resolved)
  if (status === 'draft')
    return reply(`${jobId} is saved as a draft of ${where}, version ${version}. /publish ${jobId} makes it a command.`)
  const command = commandOf(jobId)
  return reply(
    text(`/${command} is ready for ${where}.`, 'strong'),
    `Version ${version}. /help ${command} shows how it is started.`,
    buttons({ label: 'Show it', command: renderLine('job', { words: [jobId] }) }),
  )
}

export const unpublish = defineCommand({
  name: 'unpublish',
  summary: 'Take a job out of the commands; it stays as a draft',
  group: 'jobs',
  args: [{ name: 'job', kind: 'word' }],
  run: async ({ core, actor, args, resolved }) => {
    const { jobId } = await setPublished(core, actor, jobKeyOf(args.job), false)
    return reply(
      `/${commandOf(jobId)} is no command of ${contextTitle(resolved)} any more. The job is kept as a draft.`,
    )
  },
})

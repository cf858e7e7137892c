import { type Button, type Reply, reply, text } from '#core/chat/message.ts'
import type { Resolved } from '#core/contexts/resolve.ts'
import { type JobView, listJobs } from '#core/jobs/read.ts'
import { defineCommand } from './command.ts'
import { renderLine } from './grammar/render.ts'
import { NO_JOBS } from './job/choose.ts'
import { describeJob } from './job/describe.ts'
import { jobNamed } from './job/target.ts'
import { asFlag, buttons, muted, shorten } from './replies.ts'

/** Each is a button too. */
const PAGE_SIZE = 12
const LABEL_MAX = 40

export const jobs = defineCommand({
  name: 'jobs',
  summary: 'What can be run here; templates to copy',
  group: 'jobs',
  args: [{ name: 'filter', kind: 'rest', label: 'templates or text', optional: true }],
  flags: [{ name: 'page', kind: 'integer', summary: 'Further ones' }],
  examples: ['/jobs', '/jobs templates', '/jobs notes'],
  run: async ({ core, actor, args, flags, resolved }) => {
    const [, isTemplates, rest] = /^(templates?)?\s*(.*)$/is.exec(args.filter ?? '') ?? []
    const templates = isTemplates !== undefined
    const all = await listJobs(core, actor, { templates })
    const found = all.filter((job) => matches(job, rest ?? ''))
    const page = Math.max(flags.page ?? 1, 1)
    const shown = found.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE)
    if (shown.length === 0) return nothing(templates, rest ?? '')
    const words = args.filter === undefined ? [] : [args.filter]
    const next = renderLine('jobs', { words, flags: { page: String(page + 1), as: asFlag(resolved) } })
    return reply(
      text(templates ? 'Templates' : 'Jobs', 'strong'),
      { type: 'list', items: shown.map((job) => jobLine(job, templates)) },
      muted(
        templates
          ? '/publish <template> makes a copy that is yours to change.'
          : '/help <job> says what one takes. /jobs templates has more to copy.',
      ),
      buttons(
        ...(templates
          ? []
          : shown.filter(({ status }) => status === 'published').map((job) => runButton(job, resolved))),
        ...(found.length > page * PAGE_SIZE ? [{ label: 'More', command: next }] : []),
      ),
    )
  },
})

/** Starts it here and now, or asks for what it needs. */
const runButton = ({ jobId, displayName }: JobView, resolved: Resolved): Button => ({
  label: shorten(displayName, LABEL_MAX),
  command: renderLine('run', { words: [jobId], flags: { as: asFlag(resolved) } }),
})

function matches({ jobId, displayName, description, definition }: JobView, words: string): boolean {
  const wanted = words.trim().toLowerCase()
  const roles = definition.roles?.join(' ') ?? ''
  return `${jobId} ${displayName} ${description} ${roles}`.toLowerCase().includes(wanted)
}

function jobLine({ command, jobId, description, status }: JobView, isTemplate: boolean): string {
  const name = isTemplate ? jobId : status === 'published' ? `/${command}` : `${jobId} (draft)`
  return `${name} – ${shorten(description, 80)}`
}

function nothing(templates: boolean, words: string): Reply {
  if (words.trim() !== '')
    return reply(`No ${templates ? 'template' : 'job'} fits “${shorten(words, 40)}”. /jobs lists them.`)
  return templates ? reply('There are no templates.') : NO_JOBS
}

export const job = defineCommand({
  name: 'job',
  summary: 'What a job does, takes and costs',
  group: 'jobs',
  args: [{ name: 'job', kind: 'word' }],
  examples: ['/job release-notes'],
  run: async (call) => describeJob(call, await jobNamed(call.core, call.actor, call.args.job)),
})

import { type Part, reply } from '#core/chat/message.ts'
import { contextTitle } from '#core/contexts/resolve.ts'
import { AppError } from '#core/errors.ts'
import { renderRunCard } from '#core/runs/card.ts'
import { runKey } from '#core/runs/card-key.ts'
import { findRuns, getRun, type RunEventView, runEvents } from '#core/runs/read.ts'
import { RUN_MOVES } from '#core/runs/states.ts'
import type { RunSummary } from '#core/runs/view.ts'
import { defineCommand } from './command.ts'
import { renderLine } from './grammar/render.ts'
import { asFlag, buttons, dateTime, dollars, heading, privateReply, shorten } from './replies.ts'
import { runMeantBy } from './run-meant.ts'

const PAGE_SIZE = 10
const RUN_STATUSES = Object.keys(RUN_MOVES)

export const runs = defineCommand({
  name: 'runs',
  summary: 'What was run here, newest first',
  group: 'jobs',
  args: [{ name: 'text', kind: 'rest', optional: true, summary: 'Only those with this in their name or inputs' }],
  flags: [
    { name: 'mine', kind: 'boolean', summary: 'Only those you started' },
    { name: 'job', kind: 'word', summary: 'Only those of this job' },
    { name: 'status', kind: 'word', summary: 'Only those that are succeeded, failed, waiting, …' },
    { name: 'after', kind: 'word', summary: 'Continues behind this run' },
  ],
  examples: ['/runs', '/runs release --mine', '/runs --status failed'],
  run: async ({ core, actor, account, args, flags, resolved }) => {
    const { items, nextCursor } = await findRuns(core, actor, {
      limit: PAGE_SIZE,
      ...(args.text === undefined ? {} : { text: args.text }),
      ...(flags.mine ? { accountId: actor.accountId } : {}),
      ...(flags.job === undefined ? {} : { jobId: flags.job.replaceAll('_', '-') }),
      ...(flags.status === undefined ? {} : { statuses: [statusOf(flags.status)] }),
      ...(flags.after === undefined ? {} : { cursor: flags.after }),
    })
    const isFiltered = args.text !== undefined || flags.mine || flags.job !== undefined || flags.status !== undefined
    if (items.length === 0)
      return reply(
        `No runs of ${contextTitle(resolved)} ${isFiltered ? 'fit that' : 'yet'}. /jobs shows what there is.`,
      )
    const words = args.text === undefined ? [] : [args.text]
    const next = {
      mine: flags.mine ? (true as const) : undefined,
      job: flags.job,
      status: flags.status,
      after: nextCursor ?? '',
      as: asFlag(resolved),
    }
    const openers = items.slice(0, 5).map((run) => ({
      label: `${shorten(run.jobId, 24)} · ${run.status.replaceAll('_', ' ')}`,
      command: renderLine('status', { words: [run.id] }),
    }))
    return privateReply(
      heading(`Runs · ${contextTitle(resolved)}`),
      {
        type: 'table',
        columns: ['When', 'Job', 'Status', 'Cost'],
        rows: items.map((run) => row(run, account.timeZone)),
      },
      buttons(
        ...openers,
        ...(nextCursor ? [{ label: 'Older', command: renderLine('runs', { words, flags: next }) }] : []),
      ),
    )
  },
})

function statusOf(word: string): string {
  if (RUN_STATUSES.includes(word)) return word
  const names = RUN_STATUSES.join(', ')
  throw new AppError('bad_input', `No run is ever “${shorten(word, 30)}”. A run is one of ${names}.`)
}

const row = ({ createdAt, jobId, status, costUsd }: RunSummary, timeZone: string): string[] => [
  dateTime(createdAt, timeZone),
  jobId,
  status.replaceAll('_', ' '),
  dollars(costUsd),
]

const runArgument = {
  name: 'run',
  kind: 'word',
  optional: true,
  summary: 'Nothing for the newest, or answer its card',
} as const

export const status = defineCommand({
  name: 'status',
  summary: 'How a run stands',
  group: 'jobs',
  args: [runArgument],
  run: async (call) => {
    const { core, actor, incoming } = call
    const runId = await runMeantBy(call, call.args.run, 'newest')
    // Its card holds no secret of others, but only who may read the run may have it shown.
    await getRun(core, actor, runId)
    return reply(...((await renderRunCard(core, runKey(runId), incoming.channel)) ?? []))
  },
})

export const log = defineCommand({
  name: 'log',
  summary: 'Everything that happened in a run',
  group: 'jobs',
  args: [runArgument],
  run: async (call) => {
    const { core, actor, account } = call
    const runId = await runMeantBy(call, call.args.run, 'newest')
    const run = await getRun(core, actor, runId)
    const { items } = await runEvents(core, actor, runId)
    const events: Part = { type: 'list', items: items.map((event) => eventLine(event, account.timeZone)) }
    return privateReply(heading(`${run.jobId} · ${run.status.replaceAll('_', ' ')}`), events, ...failures(run.error))
  },
})

function eventLine({ at, type, details }: RunEventView, timeZone: string): string {
  const time = new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'medium' }).format(new Date(at))
  const facts = Object.entries(details)
    .filter(([, value]) => typeof value === 'string' || typeof value === 'number')
    .map(([name, value]) => `${name} ${shorten(String(value), 40)}`)
    .slice(0, 5)
  return [`${time} ${type}`, ...facts].join(' · ')
}

const failures = (error: RunSummary['error']): string[] => (error ? [error.message] : [])

import { meantOnce } from '#core/chat/meant.ts'
import { type Reply, reply } from '#core/chat/message.ts'
import { AppError } from '#core/errors.ts'
import { cancelRun, releaseWithheld } from '#core/runs/cancel.ts'
import { findRuns, getRun } from '#core/runs/read.ts'
import { hasRunEnded } from '#core/runs/states.ts'
import { defineCommand, type UserCall } from './command.ts'
import { renderLine } from './grammar/render.ts'
import { buttons, dateTime } from './replies.ts'
import { runMeantOnce } from './run-meant.ts'

export const cancelrun = defineCommand({
  name: 'cancelrun',
  summary: 'Stop a run; what was done is paid, the rest is free again',
  group: 'jobs',
  args: [{ name: 'run', kind: 'word', optional: true, summary: 'Nothing for the only one, or answer its card' }],
  run: async (call) => {
    const { core, actor, args } = call
    const several = args.run === undefined && !call.incoming.replyTo ? await liveChoice(call) : undefined
    if (several) return several
    const runId = await runMeantOnce(call, args.run, 'live')
    const { ended } = await cancelRun(core, actor, runId)
    const run = await getRun(core, actor, runId)
    const isStopped = !ended || run.status === 'cancelled'
    if (!isStopped) return reply(`${run.jobId} has ended already: ${run.status.replaceAll('_', ' ')}.`)
    return reply(`${run.jobId} is stopped. What was done is paid; the rest of the money is free again.`)
  },
})

const LIVE = ['queued', 'running', 'waiting']

/** With several runs going on, one is chosen by its button. */
async function liveChoice({ core, actor, account }: UserCall): Promise<Reply | undefined> {
  const { items } = await findRuns(core, actor, { statuses: LIVE, limit: 8 })
  const own = items.filter(({ initiator }) => initiator.accountId === actor.accountId)
  if (own.length === 1 || items.length < 2) return undefined
  return reply(
    'Several runs are going on. Which one?',
    buttons(
      ...items.map(({ id, jobId, createdAt }) => ({
        label: `Stop ${jobId} of ${dateTime(createdAt, account.timeZone)}`,
        command: renderLine('cancelrun', { words: [id] }),
        style: 'danger' as const,
      })),
    ),
  )
}

export const retry = defineCommand({
  name: 'retry',
  summary: 'Pay for a result that was kept back, and get it',
  group: 'jobs',
  args: [{ name: 'run', kind: 'word', optional: true, summary: 'Nothing for the newest, or answer its card' }],
  run: async (call) => {
    const { core, actor, args } = call
    const runId = await runMeantOnce(call, args.run, 'newest')
    const run = await getRun(core, actor, runId)
    // What it was when the message came: handled again after it worked, the answer is still that it is paid.
    const { wasWithheld } = await meantOnce(core, actor, { what: 'retry', words: runId }, async () => ({
      wasWithheld: run.status === 'payment_failed',
    }))
    if (!wasWithheld) throw new AppError('conflict', whyNot(run))
    if (run.status === 'payment_failed') await releaseWithheld(core, actor, runId)
    return reply(`${run.jobId} is paid, and here is its result.`)
  },
})

function whyNot({ status, jobId }: { status: Parameters<typeof hasRunEnded>[0]; jobId: string }): string {
  if (!hasRunEnded(status)) return `${jobId} is still going on. /status shows how it stands.`
  if (status === 'succeeded')
    return `${jobId} has ended well: there is nothing to retry. To do it again: /run ${jobId}.`
  return `${jobId} ${status.replaceAll('_', ' ')} and owes nothing. Start it again with /run ${jobId}.`
}

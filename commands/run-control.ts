import { type Reply, reply } from '#core/chat/message.ts'
import type { Context } from '#core/context.ts'
import { myTeamById } from '#core/contexts/my-team.ts'
import type { Resolved } from '#core/contexts/resolve.ts'
import { cancelRun } from '#core/runs/cancel.ts'
import { findRuns, getRun } from '#core/runs/read.ts'
import { type RetryRequest, retryInChat } from '#core/runs/retry.ts'
import { defineCommand, type UserCall } from './command.ts'
import { waitingReply } from './dispatch/refusal.ts'
import { renderLine } from './grammar/render.ts'
import { askToConfirm } from './job/ask.ts'
import { buttons, dateTime, SILENCE } from './replies.ts'
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
  summary: 'Go on where a run failed, or run it again; a result that was kept back is paid and handed out',
  group: 'jobs',
  args: [{ name: 'run', kind: 'word', optional: true, summary: 'Nothing for the newest, or answer its card' }],
  flags: [
    { name: 'start', kind: 'boolean', summary: 'From the start: another run, whose result is one more variant' },
    { name: 'newest', kind: 'boolean', summary: 'With the job as it is now, not as it was' },
  ],
  examples: ['/retry', '/retry --newest', '/retry --start'],
  run: async (call) => {
    const { core, actor, args, flags, incoming } = call
    const runId = await runMeantOnce(call, args.run, 'newest')
    const request: RetryRequest = {
      runId,
      from: flags.start ? 'start' : 'failed_step',
      definition: flags.newest ? 'newest' : 'pinned',
    }
    const { jobId, context } = await getRun(core, actor, runId)
    const retried = await retryInChat(core, actor, request, incoming.conversation)
    if ('ask' in retried) return askToConfirm(call, await payerOf(call, context), retried)
    if (retried.waitingFor) return waitingReply(retried.waitingFor, { ...call, resolved: await payerOf(call, context) })
    if (retried.how === 'released') return reply(`${jobId} is paid, and here is its result.`)
    return retried.how === 'resumed' ? reply(`${jobId} goes on where it failed.`) : SILENCE
  },
})

/** Who pays for a run, whatever context its presser stands in. */
async function payerOf({ core, actor, resolved }: UserCall, context: Context): Promise<Resolved> {
  const name = context.type === 'user' ? 'Personal' : (await myTeamById(core.db, actor.accountId, context.id)).name
  return { ...resolved, context, name }
}

import { type Part, reply } from '#core/chat/message.ts'
import { contextTitle } from '#core/contexts/resolve.ts'
import { pauseSchedule, removeSchedule, resumeSchedule, runScheduleNow } from '#core/schedules/change.ts'
import { findSchedules, getSchedule } from '#core/schedules/read.ts'
import { defineCommand } from './command.ts'
import { renderLine } from './grammar/render.ts'
import { asFlag, buttons, dateTime, heading, privateReply, SILENCE } from './replies.ts'
import { meantBy, scheduleArgument } from './schedule/meant.ts'
import { scheduleParts } from './schedule/show.ts'

const PAGE_SIZE = 6

export const schedules = defineCommand({
  name: 'schedules',
  summary: 'What runs by itself here',
  group: 'schedules',
  flags: [{ name: 'after', kind: 'word', summary: 'Continues behind this one' }],
  run: async ({ core, actor, account, flags, resolved }) => {
    const { items, nextCursor } = await findSchedules(core, actor, {
      isLive: true,
      limit: PAGE_SIZE,
      ...(flags.after === undefined ? {} : { cursor: flags.after }),
    })
    if (items.length === 0) {
      return reply(`Nothing of ${contextTitle(resolved)} runs by itself. /schedule <job> every weekday at 9 would.`)
    }
    const more = renderLine('schedules', { flags: { after: nextCursor ?? '', as: asFlag(resolved) } })
    return privateReply(
      heading(`Schedules · ${contextTitle(resolved)}`),
      ...items.flatMap((view): Part[] => scheduleParts(view, account.timeZone)),
      ...(nextCursor === null ? [] : [buttons({ label: 'Older', command: more })]),
    )
  },
})

export const pause = defineCommand({
  name: 'pause',
  summary: 'Stop a schedule for a while',
  group: 'schedules',
  args: [scheduleArgument],
  flags: [{ name: 'until', kind: 'word', summary: 'When it goes on by itself: "monday 9am"' }],
  examples: ['/pause', '/pause release-notes --until "monday 9am"'],
  run: async (call) => {
    const { core, actor, account, args, flags } = call
    const id = await meantBy(call, args.schedule)
    await pauseSchedule(core, actor, { id, ...(flags.until === undefined ? {} : { until: flags.until }) })
    const view = await getSchedule(core, actor, id)
    const until = view.pausedUntil === null ? '' : ` until ${dateTime(view.pausedUntil, account.timeZone)}`
    return reply(
      `${view.jobId} is paused${until}. What would have come meanwhile is not made up for.`,
      buttons({ label: 'Resume', command: renderLine('resume', { words: [id] }) }),
    )
  },
})

export const resume = defineCommand({
  name: 'resume',
  summary: 'Let a paused schedule go on',
  group: 'schedules',
  args: [scheduleArgument],
  run: async (call) => {
    const { core, actor, account, args } = call
    const id = await meantBy(call, args.schedule)
    await resumeSchedule(core, actor, { id })
    return reply('It goes on.', ...scheduleParts(await getSchedule(core, actor, id), account.timeZone))
  },
})

export const runnow = defineCommand({
  name: 'runnow',
  summary: 'Run what a schedule runs, now, beside its times',
  group: 'schedules',
  args: [scheduleArgument],
  run: async (call) => {
    const { core, actor, args, incoming } = call
    const id = await meantBy(call, args.schedule)
    await runScheduleNow(core, actor, { id, conversation: incoming.conversation })
    return SILENCE
  },
})

export const unschedule = defineCommand({
  name: 'unschedule',
  summary: 'Remove a schedule; what it ran stays',
  group: 'schedules',
  args: [scheduleArgument],
  run: async (call) => {
    const { core, actor, args } = call
    const id = await meantBy(call, args.schedule)
    await removeSchedule(core, actor, { id })
    return reply('Removed. It runs no more; what it ran stays.')
  },
})

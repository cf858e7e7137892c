import { type Part, reply } from '#core/chat/message.ts'
import { contextTitle } from '#core/contexts/resolve.ts'
import { pauseTrigger, resumeTrigger } from '#core/triggers/change.ts'
import { tryTrigger } from '#core/triggers/preview.ts'
import { findDeliveries, findTriggers, getTrigger, triggerMeant } from '#core/triggers/read.ts'
import { replayDelivery } from '#core/triggers/replay.ts'
import { deliveryParts, triggerParts } from './automatic/show.ts'
import { defineCommand } from './command.ts'
import { renderLine } from './grammar/render.ts'
import { asFlag, buttons, dollars, heading, muted, privateReply } from './replies.ts'

const PAGE_SIZE = 6

export const triggers = defineCommand({
  name: 'triggers',
  summary: 'What others start here from outside',
  group: 'schedules',
  args: [{ name: 'trigger', kind: 'word', optional: true, summary: 'Its name, for what came to it last' }],
  flags: [{ name: 'after', kind: 'word', summary: 'Continues behind this one' }],
  run: async ({ core, actor, account, args, flags, resolved }) => {
    if (args.trigger !== undefined) {
      const { id } = await triggerMeant(core.db, actor, args.trigger)
      const view = await getTrigger(core, actor, id)
      const { items } = await findDeliveries(core, actor, { id, limit: PAGE_SIZE })
      const came = items.flatMap((one) => deliveryParts(id, one, account.timeZone))
      return privateReply(...triggerParts(view, account.timeZone), ...came)
    }
    const { items, nextCursor } = await findTriggers(core, actor, {
      limit: PAGE_SIZE,
      ...(flags.after === undefined ? {} : { cursor: flags.after }),
    })
    const where = `Triggers are made in the console, where their secrets are: ${core.settings.publicUrl}/triggers`
    if (items.length === 0) return reply(`Nothing from outside starts anything for ${contextTitle(resolved)}. ${where}`)
    const more = renderLine('triggers', { flags: { after: nextCursor ?? '', as: asFlag(resolved) } })
    return privateReply(
      heading(`Triggers · ${contextTitle(resolved)}`),
      ...items.flatMap((view): Part[] => triggerParts(view, account.timeZone)),
      ...(nextCursor === null ? [] : [buttons({ label: 'Older', command: more })]),
    )
  },
})

const trigger = { name: 'trigger', kind: 'word', summary: 'Its id' } as const

export const deliveries = defineCommand({
  name: 'deliveries',
  summary: 'What came to a trigger last',
  group: 'schedules',
  isHidden: true,
  args: [trigger],
  run: async ({ core, actor, account, args }) => {
    const { name } = await getTrigger(core, actor, args.trigger)
    const { items } = await findDeliveries(core, actor, { id: args.trigger, limit: PAGE_SIZE })
    if (items.length === 0) return reply(`Nothing came to ${name} yet.`)
    return privateReply(
      heading(`Last deliveries · ${name}`),
      ...items.flatMap((one) => deliveryParts(args.trigger, one, account.timeZone)),
    )
  },
})

export const testtrigger = defineCommand({
  name: 'testtrigger',
  summary: 'What a trigger would make of its example',
  group: 'schedules',
  isHidden: true,
  args: [trigger],
  run: async ({ core, actor, args }) => {
    const { example, name } = await getTrigger(core, actor, args.trigger)
    const { ignored, inputs, problems, maxUsd } = await tryTrigger(core, actor, { id: args.trigger })
    return privateReply(
      heading(`Test · ${name}`),
      ...(example === null ? ['It has no example, so this is an empty request.'] : []),
      ...(ignored === null ? [] : [`It would be left alone: ${ignored}`]),
      ...problems.map(({ path, message }) => `${path} ${message}`.trim()),
      { type: 'code', text: JSON.stringify(inputs, null, 2), language: 'json' },
      muted(maxUsd === null ? 'Nothing was started.' : `Nothing was started. A run costs ${dollars(maxUsd)} at most.`),
    )
  },
})

export const pausetrigger = defineCommand({
  name: 'pausetrigger',
  summary: 'Take nothing for a while',
  group: 'schedules',
  isHidden: true,
  args: [trigger],
  run: async ({ core, actor, account, args }) => {
    await pauseTrigger(core, actor, { id: args.trigger })
    const view = await getTrigger(core, actor, args.trigger)
    return reply('Paused. What is sent meanwhile is refused.', ...triggerParts(view, account.timeZone))
  },
})

export const resumetrigger = defineCommand({
  name: 'resumetrigger',
  summary: 'Take deliveries again',
  group: 'schedules',
  isHidden: true,
  args: [trigger],
  run: async ({ core, actor, account, args }) => {
    await resumeTrigger(core, actor, { id: args.trigger })
    return reply('It goes on.', ...triggerParts(await getTrigger(core, actor, args.trigger), account.timeZone))
  },
})

export const replaydelivery = defineCommand({
  name: 'replaydelivery',
  summary: 'Handle a delivery once more',
  group: 'schedules',
  isHidden: true,
  args: [trigger, { name: 'delivery', kind: 'word', summary: 'Its id' }],
  run: async ({ core, actor, args }) => {
    await replayDelivery(core, actor, { id: args.trigger, deliveryId: args.delivery })
    const show = { label: 'Last deliveries', command: renderLine('deliveries', { words: [args.trigger] }) }
    return reply('It is handled once more, with the mapping of now.', buttons(show))
  },
})

import { reply } from '#core/chat/message.ts'
import { claimTask } from '#core/tasks/claim.ts'
import { checkItem } from '#core/tasks/edit.ts'
import { statusWords, TASK_STATUSES } from '#core/tasks/moves.ts'
import { moveTask } from '#core/tasks/transition.ts'
import { defineCommand } from '../command.ts'
import { renderLine } from '../grammar/render.ts'
import { taskMeant } from './meant.ts'
import { taskParts } from './show.ts'

export const claim = defineCommand({
  name: 'claim',
  summary: 'Take a task: the one you name, or the most urgent',
  group: 'agents',
  args: [{ name: 'task', kind: 'rest', optional: true, summary: 'A part of its title; nothing for the most urgent' }],
  examples: ['/claim', '/claim release notes'],
  run: async (call) => {
    const { core, actor, args } = call
    if (args.task === undefined) {
      return reply('It is yours.', ...(await taskParts(core, actor, await claimTask(core, actor))))
    }
    const command = (id: string) => renderLine('claim', { words: [id] })
    const meant = await taskMeant(call, { words: args.task, to: 'claimed', command })
    if ('ask' in meant) return meant.ask
    return reply('It is yours.', ...(await taskParts(core, actor, await claimTask(core, actor, meant))))
  },
})

export const move = defineCommand({
  name: 'move',
  summary: 'Move a task on',
  group: 'agents',
  args: [
    {
      name: 'task',
      kind: 'word',
      optional: true,
      pattern: /^task_/,
      summary: 'Nothing for the only one that can go there',
    },
    { name: 'to', kind: 'word', label: 'status', choices: TASK_STATUSES, summary: TASK_STATUSES.join(', ') },
    { name: 'reason', kind: 'text', optional: true, summary: 'Why, for the record' },
  ],
  examples: ['/move review', '/move blocked The printer is away'],
  run: async (call) => {
    const { core, actor, args } = call
    const { to, reason } = args
    const command = (id: string) => renderLine('move', { words: [id, to], ...(reason ? { text: reason } : {}) })
    const meant = await taskMeant(call, { words: args.task, to, command })
    if ('ask' in meant) return meant.ask
    const moved = await moveTask(core, actor, { ...meant, to, ...(reason ? { reason } : {}) })
    return reply(`It is ${statusWords(to)} now.`, ...(await taskParts(core, actor, moved)))
  },
})

export const checkitem = defineCommand({
  name: 'checkitem',
  summary: 'Check an item of a task off',
  group: 'agents',
  isHidden: true,
  args: [
    { name: 'task', kind: 'word' },
    { name: 'item', kind: 'word' },
  ],
  run: async ({ core, actor, args }) => {
    const checked = await checkItem(core, actor, { id: args.task, itemId: args.item, checked: true })
    return reply(...(await taskParts(core, actor, checked)))
  },
})

import { reply } from '#core/chat/message.ts'
import { dropOpenForm } from '#core/forms/close.ts'
import { defineCommand } from './command.ts'

export const cancel = defineCommand({
  name: 'cancel',
  summary: 'Drop what you were filling in',
  group: 'start',
  run: async ({ core, actor, incoming }) => {
    if (await dropOpenForm(core, actor, incoming.conversation)) return reply('Dropped. Nothing was done.')
    return reply('You are not filling in anything. To stop a run: /cancelrun.')
  },
})

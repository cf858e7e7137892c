import { dropAwaited } from '#core/chat/awaited.ts'
import { reply } from '#core/chat/message.ts'
import { defineCommand } from './command.ts'

export const cancel = defineCommand({
  name: 'cancel',
  summary: 'Drop what you were filling in',
  group: 'start',
  run: async ({ core, actor }) => {
    if (await dropAwaited(core, actor)) return reply('Dropped. Nothing was decided.')
    return reply('You are not filling in anything. To stop a run: /cancelrun.')
  },
})

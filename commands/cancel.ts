import { reply } from '#core/chat/message.ts'
import { defineCommand } from './command.ts'

export const cancel = defineCommand({
  name: 'cancel',
  summary: 'Drop what you were filling in',
  group: 'start',
  run: async () => reply('You are not filling in anything. To stop a run: /cancelrun.'),
})

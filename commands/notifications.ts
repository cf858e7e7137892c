import type { Reply } from '#core/chat/message.ts'
import { AppError } from '#core/errors.ts'
import type { NotificationChanges } from '#core/notifications/settings.ts'
import { defineCommand, type UserCall } from './command.ts'
import { changePreferencesTo } from './notifications/change.ts'
import { channelsView, digestView, overview, quietView, typesView, typeView, zoneView } from './notifications/show.ts'
import { channelsIn, offOr, quietHoursIn, settingOfType, timeIn, typeNamed } from './notifications/words.ts'

export const notifications = defineCommand({
  name: 'notifications',
  summary: 'What you hear of by yourself, where, and when not',
  group: 'start',
  args: [
    {
      name: 'what',
      kind: 'word',
      optional: true,
      summary: 'quiet, digest, channels, zone, types, or one of the types; nothing shows it all',
    },
    { name: 'value', kind: 'rest', optional: true, summary: 'What it is to be; nothing shows the choice' },
  ],
  examples: [
    '/notifications',
    '/notifications quiet 22:00-07:00',
    '/notifications digest 9:00',
    '/notifications run_ended off',
    '/notifications channels telegram',
  ],
  run: async (call) => {
    const { what, value } = call.args
    return answer(call, what?.toLowerCase(), value?.trim())
  },
})

/** Each choice is a line of this command, so that pressing one is typing it. */
async function answer(call: UserCall, what: string | undefined, value: string | undefined): Promise<Reply> {
  switch (what) {
    case undefined:
      return overview(call)
    case 'quiet':
      return value === undefined ? quietView(call) : changed(call, { quietHours: offOr(value, quietHoursIn) })
    case 'digest':
      return value === undefined ? digestView(call) : changed(call, { digestAt: offOr(value, timeIn) })
    case 'channels':
      return value === undefined ? channelsView(call) : changed(call, { channels: channelsIn(value) })
    case 'zone':
      if (value === undefined) return zoneView(call)
      await changePreferencesTo(call, { timeZone: value })
      return overview(call, 'Done.')
    case 'types':
      return typesView(call)
    default: {
      const type = typeNamed(what)
      if (type === undefined) throw unknownWord(what)
      if (value === undefined) return typeView(call, type)
      return changed(call, { types: { [type]: settingOfType(value) } })
    }
  }
}

async function changed(call: UserCall, notifications: NotificationChanges): Promise<Reply> {
  await changePreferencesTo(call, { notifications })
  return overview(call, 'Done.')
}

const unknownWord = (what: string): AppError =>
  new AppError(
    'bad_input',
    `There is no ${what} to choose here. It is quiet, digest, channels, zone or types; /notifications shows it all.`,
  )

import { channelTitle } from '#core/accounts/identities.ts'
import { getPreferences } from '#core/accounts/preferences.ts'
import type { Button, Reply } from '#core/chat/message.ts'
import { addressesOf, chosenAddresses } from '#core/notifications/addresses.ts'
import type { NotificationChannel, NotificationSettings } from '#core/notifications/settings.ts'
import { NOTIFICATION_TYPES, type NotificationType, TYPES } from '#core/notifications/types.ts'
import { deliveryOf } from '#core/notifications/way.ts'
import type { UserCall } from '../command.ts'
import { renderLine } from '../grammar/render.ts'
import { buttons, fields, heading, privateReply } from '../replies.ts'

const button = (label: string, ...words: string[]): Button => ({
  label,
  command: renderLine('notifications', { words }),
})
const BACK = button('All settings')

interface Seen {
  settings: NotificationSettings
  timeZone: string
  /** Where this person can be written to alone. */
  reachable: string[]
  /** Of those, where it goes when nothing is chosen. */
  usual: string[]
}

async function look({ core, actor }: UserCall): Promise<Seen> {
  const { notifications: settings, timeZone } = await getPreferences(core, actor)
  const all = await addressesOf(core.db, actor.accountId)
  const names = (addresses: readonly { channel: string }[]) => [...new Set(addresses.map(({ channel }) => channel))]
  return { settings, timeZone, reachable: names(all), usual: names(chosenAddresses(all, null)) }
}

/** What is set, with a way to each choice. */
export async function overview(call: UserCall, done?: string): Promise<Reply> {
  const { settings, timeZone, usual } = await look(call)
  const { quietHours, digestAt, channels, types } = settings
  const own = NOTIFICATION_TYPES.filter((type) => types[type].deliver !== null || types[type].channels !== null)
  return privateReply(
    heading(done ? `${done} Your notifications` : 'Your notifications'),
    fields({
      Where: channelNames(channels ?? usual),
      'Quiet hours': quietHours ? `${quietHours.from} to ${quietHours.to}, ${timeZone}` : 'none',
      Digest: digestAt === null ? 'none: all comes at once' : `at ${digestAt}, ${timeZone}`,
      ...Object.fromEntries(own.map((type) => [TYPES[type].title, howWords(type, settings)])),
    }),
    buttons(
      button('Quiet hours', 'quiet'),
      button('Digest', 'digest'),
      button('Channels', 'channels'),
      button('Types', 'types'),
    ),
  )
}

export async function quietView(call: UserCall): Promise<Reply> {
  const { settings, timeZone } = await look(call)
  const set = settings.quietHours
  return privateReply(
    heading(set ? `Quiet from ${set.from} to ${set.to}` : 'No quiet hours'),
    `In quiet hours only what is urgent comes; the rest waits until they end. Times are those of ${timeZone}. Others than these: /notifications quiet 23:30-06:00`,
    buttons(
      button('22:00 to 07:00', 'quiet', '22:00-07:00'),
      button('20:00 to 08:00', 'quiet', '20:00-08:00'),
      button('18:00 to 09:00', 'quiet', '18:00-09:00'),
      ...(set ? [button('No quiet hours', 'quiet', 'off')] : []),
      button('Time zone', 'zone'),
      BACK,
    ),
  )
}

export async function digestView(call: UserCall): Promise<Reply> {
  const { settings, timeZone } = await look(call)
  const set = settings.digestAt
  const gathered = NOTIFICATION_TYPES.filter(
    (type) => deliveryOf(usually(type), { ...settings, digestAt: '09:00' }) === 'digest',
  )
  return privateReply(
    heading(set === null ? 'No digest' : `A digest at ${set}`),
    `Once a day one message lists what could wait. Times are those of ${timeZone}. Others than these: /notifications digest 7:30`,
    ...(gathered.length > 0
      ? [`It gathers: ${gathered.map((type) => TYPES[type].title.toLowerCase()).join(', ')}.`]
      : []),
    buttons(
      button('At 08:00', 'digest', '08:00'),
      button('At 12:00', 'digest', '12:00'),
      button('At 18:00', 'digest', '18:00'),
      ...(set === null ? [] : [button('No digest', 'digest', 'off')]),
      button('What it gathers', 'types'),
      BACK,
    ),
  )
}

export async function channelsView(call: UserCall): Promise<Reply> {
  const { settings, reachable, usual } = await look(call)
  return privateReply(
    heading(`Notifications come on ${channelNames(settings.channels ?? usual)}`),
    'Each type may have channels of its own. Write to me on another channel, and it stands here too.',
    buttons(
      ...reachable.map((name) => button(`Only ${channelTitle(name)}`, 'channels', name)),
      ...(reachable.length > 2 ? [button('All of them', 'channels', reachable.join(','))] : []),
      button('As usual', 'channels', 'all'),
      BACK,
    ),
  )
}

export async function zoneView(call: UserCall): Promise<Reply> {
  const { timeZone } = await look(call)
  return privateReply(
    heading(`Your time zone is ${timeZone}`),
    'Name another one like this: /notifications zone Europe/Lisbon',
    buttons(BACK),
  )
}

export async function typesView(call: UserCall): Promise<Reply> {
  const { settings } = await look(call)
  return privateReply(
    heading('What you hear of'),
    {
      type: 'list',
      items: NOTIFICATION_TYPES.map((type) => `${TYPES[type].title}: ${howWords(type, settings)}`),
    },
    buttons(...NOTIFICATION_TYPES.map((type) => button(TYPES[type].title, type)), BACK),
  )
}

export async function typeView(call: UserCall, type: NotificationType): Promise<Reply> {
  const { settings, reachable } = await look(call)
  const { title, needsAnswer } = TYPES[type]
  const choices = needsAnswer
    ? []
    : [
        button('At once', type, 'now'),
        ...(settings.digestAt === null ? [] : [button('With the digest', type, 'digest')]),
        button('Off', type, 'off'),
      ]
  return privateReply(
    heading(`${title}: ${howWords(type, settings)}`),
    ...(needsAnswer ? ['Somebody waits for your answer, so this is never off. It may come where you like.'] : []),
    buttons(
      ...choices,
      ...(reachable.length > 1 ? reachable.map((name) => button(`On ${channelTitle(name)}`, type, name)) : []),
      button('As usual', type, 'usual'),
      button('Types', 'types'),
    ),
  )
}

const usually = (type: NotificationType) => ({ type, priority: TYPES[type].priority })

const HOW = { now: 'at once', digest: 'with the digest', off: 'off' } as const

function howWords(type: NotificationType, settings: NotificationSettings): string {
  const deliver = deliveryOf(usually(type), settings)
  const { channels } = settings.types[type]
  return deliver === 'off' || channels === null ? HOW[deliver] : `${HOW[deliver]}, on ${channelNames(channels)}`
}

const channelNames = (names: readonly (NotificationChannel | string)[]): string =>
  names.map((name) => (name === 'web' ? 'the web' : channelTitle(name))).join(', ')

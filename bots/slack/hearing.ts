import type { Incoming } from '#core/chat/message.ts'
import type { Clock } from '#core/clock.ts'
import { isDirect } from './address.ts'
import type { Connection } from './connection.ts'
import type { Directs } from './directs.ts'
import type { Dialogs } from './forms/dialogs.ts'
import { FORM_CALLBACK } from './forms/view.ts'
import {
  type Bot,
  fromAction,
  fromCommand,
  fromEvent,
  fromHomeOpened,
  fromMessageShortcut,
  fromShortcut,
} from './incoming.ts'
import type { Intake } from './intake.ts'
import type { ActionBody, CommandBody, EventBody, ShortcutBody, ViewBody } from './payloads.ts'
import { RUN_JOB, RUN_ON_MESSAGE } from './shortcuts.ts'

interface Ears {
  intake: Intake
  dialogs: Dialogs
  directs: Directs
  clock: Clock
}

/** Everything Slack brings, each made an update and stored before it is acknowledged. */
export function hear({ app, identify }: Connection, { intake, dialogs, directs, clock }: Ears): void {
  type Made = Incoming | undefined
  const take = async (toIncoming: (bot: Bot, nowMs: number) => Made | Promise<Made>): Promise<void> => {
    const incoming = await toIncoming(await identify(), clock.nowMs())
    if (incoming) await intake.take(incoming)
  }
  app.event('app_mention', ({ body }) => take((bot) => fromEvent(body as unknown as EventBody, bot)))
  app.event('message', ({ body }) =>
    take((bot) => {
      const { event } = body as unknown as EventBody
      // The bot hears no direct messages but its own.
      if (event.user && event.channel && isDirect(event.channel)) directs.learn(event.user, event.channel)
      return fromEvent(body as unknown as EventBody, bot)
    }),
  )
  app.event('app_home_opened', ({ body }) =>
    take((bot, nowMs) => fromHomeOpened(body as unknown as EventBody, bot, nowMs)),
  )
  app.command(/./, async ({ body, ack }) => {
    await take((bot, nowMs) => fromCommand(body as CommandBody, bot, nowMs))
    await ack()
  })
  app.action({ type: 'block_actions' }, async ({ body, ack }) => {
    const pressed = body as unknown as ActionBody
    const isAtHome = !pressed.channel && pressed.view?.type === 'home'
    await take(async (bot, nowMs) =>
      fromAction(pressed, bot, nowMs, isAtHome ? await directs.find(pressed.user.id) : undefined),
    )
    await ack()
  })
  app.shortcut(RUN_JOB, async ({ body, ack }) => {
    const shortcut = body as unknown as ShortcutBody
    await take(async (bot, nowMs) => fromShortcut(shortcut, await directs.find(shortcut.user.id), bot, nowMs))
    await ack()
  })
  app.shortcut(RUN_ON_MESSAGE, async ({ body, ack }) => {
    await take((bot, nowMs) => fromMessageShortcut(body as unknown as ShortcutBody, bot, nowMs))
    await ack()
  })
  app.view({ callback_id: FORM_CALLBACK, type: 'view_submission' }, async ({ body, ack }) => {
    const [view, bot] = [body as unknown as ViewBody, await identify()]
    await ack(await dialogs.submitted(view, bot, clock.nowMs(), (one) => intake.take(one)))
  })
  app.view({ callback_id: FORM_CALLBACK, type: 'view_closed' }, async ({ body, ack }) => {
    const [view, bot] = [body as unknown as ViewBody, await identify()]
    await dialogs.closed(view, bot, clock.nowMs(), (one) => intake.take(one))
    await ack()
  })
}

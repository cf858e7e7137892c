import type { Channel } from '#bots/channel.ts'
import { type Menus, menuState, menusOn } from '#commands/menu.ts'
import type { Core } from '#core/core.ts'
import { pause } from '#core/pause.ts'

/** What changes comes in bursts: a menu may be a moment late, and looks for it cost everybody. */
const SETTLE_MS = 30_000

/**
 * Keeps a channel's command menus as they should be: written at once, and again after something changed that they are made
 * from. Ends with `stop`. Never in the way of messages: what fails is tried again after the next change of anything.
 */
export async function keepMenus(core: Core, channel: Channel, stop: AbortSignal): Promise<void> {
  if (!channel.syncMenu) return
  let changed = Promise.withResolvers<void>()
  const unsubscribe = core.db.onChange(() => changed.resolve())
  const end = (): void => changed.resolve()
  stop.addEventListener('abort', end)
  let made: Made | undefined
  while (!stop.aborted) {
    changed = Promise.withResolvers<void>()
    try {
      made = await upToDate(core, channel, made)
      // What the platform has already, the channel does not write again.
      await channel.syncMenu(made.menus)
    } catch (err) {
      core.log.error({ err, channel: channel.name }, 'The command menus could not be made; it will be tried again')
    }
    await changed.promise
    await pause(core.clock, SETTLE_MS, stop)
  }
  unsubscribe()
  stop.removeEventListener('abort', end)
}

interface Made {
  menus: Menus
  state: string
}

async function upToDate(core: Core, { name }: Channel, made: Made | undefined): Promise<Made> {
  const state = await menuState(core, name)
  return made?.state === state ? made : { state, menus: await menusOn(core, name) }
}

import type { Channel } from '#bots/channel.ts'
import { menusOn } from '#commands/menu.ts'
import type { Core } from '#core/core.ts'
import { pause } from '#core/pause.ts'

/** What changes comes in bursts: a menu may be a moment late, and looks for it cost everybody. */
const SETTLE_MS = 30_000

/**
 * Keeps a channel's command menus as they should be: written at once, and again after something changed that they are made
 * from. Ends with `stop`. Never in the way of messages: what fails is tried with the next change.
 */
export async function keepMenus(core: Core, channel: Channel, stop: AbortSignal): Promise<void> {
  if (!channel.syncMenu) return
  let changed = Promise.withResolvers<void>()
  const unsubscribe = core.db.onChange(() => changed.resolve())
  const end = (): void => changed.resolve()
  stop.addEventListener('abort', end)
  try {
    while (!stop.aborted) {
      changed = Promise.withResolvers<void>()
      await channel.syncMenu(await menusOn(core, channel.name))
      await changed.promise
      await pause(core.clock, SETTLE_MS, stop)
    }
  } catch (err) {
    core.log.error({ err, channel: channel.name }, 'The command menus are not kept any more')
  } finally {
    unsubscribe()
    stop.removeEventListener('abort', end)
  }
}

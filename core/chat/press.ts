import { findButton, useButton } from '#db/buttons.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { showMoment } from '../moment.ts'
import { once } from '../once.ts'

/** The command line behind a button, or why it does nothing any more, in a sentence. */
export type Press = { command: string } | { stale: string }

/**
 * What pressing a button says. A single-use one is for whoever presses first; the same press delivered again (the actor's
 * request key) gets its command again. Who may do what the command does is decided when it runs.
 */
export async function pressButton(core: Pick<Core, 'db' | 'clock'>, actor: Actor, token: string): Promise<Press> {
  const button = await findButton.first(core.db, { token })
  if (!button) return { stale: 'This button is too old.' }
  if (button.once === 0) return { command: button.command }
  const nowMs = core.clock.nowMs()
  const { accountId } = actor
  return core.db.write(async function pressSingleUseButton(tx) {
    return once(tx, { actor, operation: 'button.press', input: token, nowMs }, async (): Promise<Press> => {
      if ((await useButton.run(tx, { token, accountId, nowMs })) > 0) return { command: button.command }
      return { stale: staleSentence(await findButton.first(tx, { token }), accountId) }
    })
  })
}

function staleSentence(
  button: { used_by: string | null; used_at_ms: number | null; handle: string | null } | undefined,
  accountId: string,
): string {
  if (!button) return 'This button is too old.'
  const { used_by: usedBy, used_at_ms: usedAtMs, handle } = button
  const who = usedBy === accountId ? 'You' : handle === null ? 'Somebody' : `@${handle}`
  return `${who} pressed this already${usedAtMs === null ? '' : `, on ${showMoment(usedAtMs)}`}.`
}

import { findAccount } from '#db/accounts.ts'
import type { Reader } from '#db/db.ts'
import { may, type TeamAction } from '../access.ts'
import type { Actor } from '../actor.ts'
import type { Context } from '../context.ts'
import type { Core } from '../core.ts'
import { standingIn } from '../teams/standing.ts'
import { choiceOf } from '../variants/choice.ts'
import { actionsOn, type RunAction } from './actions.ts'
import { getRun } from './read.ts'
import type { Initiator, RunView } from './view.ts'

/** A run for whoever looks at it: who started it by name, and what this reader may do about it now. */
export interface RunPage extends RunView {
  initiator: Initiator
  actions: (RunAction | 'accept')[]
}

/** `not_found` for runs of others. What is offered is looked at again when it is done. */
export async function getRunPage(core: Pick<Core, 'db'>, actor: Actor, runId: string): Promise<RunPage> {
  const run = await getRun(core, actor, runId)
  const account = await findAccount.first(core.db, { id: run.initiator.accountId })
  const mayHere = await rightsIn(core.db, actor, run.context)
  const isNested = run.parentRunId !== null
  const isOpen = !isNested && run.variants.length > 0 && (await choiceOf(core.db, runId)) === undefined
  return {
    ...run,
    initiator: { ...run.initiator, handle: account?.handle ?? null },
    actions: [
      ...(mayHere('decide') && isOpen ? (['accept'] as const) : []),
      ...(mayHere('run') ? actionsOn({ status: run.status, isNested }) : []),
    ],
  }
}

/** Whoever may read a personal context has it, and may do everything there. */
async function rightsIn(on: Reader, actor: Actor, context: Context): Promise<(action: TeamAction) => boolean> {
  if (context.type === 'user') return () => true
  const standing = await standingIn(on, actor.accountId, context.id)
  return (action) => standing !== undefined && may(standing, action)
}

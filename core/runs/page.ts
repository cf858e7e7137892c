import { findAccount } from '#db/accounts.ts'
import type { Reader } from '#db/db.ts'
import { may } from '../access.ts'
import type { Actor } from '../actor.ts'
import type { Context } from '../context.ts'
import type { Core } from '../core.ts'
import { standingIn } from '../teams/standing.ts'
import { actionsOn, type RunAction } from './actions.ts'
import { getRun } from './read.ts'
import type { Initiator, RunView } from './view.ts'

/** A run for whoever looks at it: who started it by name, and what this reader may do about it now. */
export interface RunPage extends RunView {
  initiator: Initiator
  actions: RunAction[]
}

/** `not_found` for runs of others. What is offered is looked at again when it is done. */
export async function getRunPage(core: Pick<Core, 'db'>, actor: Actor, runId: string): Promise<RunPage> {
  const run = await getRun(core, actor, runId)
  const account = await findAccount.first(core.db, { id: run.initiator.accountId })
  const isSpender = await maySpend(core.db, actor, run.context)
  return {
    ...run,
    initiator: { ...run.initiator, handle: account?.handle ?? null },
    actions: isSpender ? actionsOn({ status: run.status, isNested: run.parentRunId !== null }) : [],
  }
}

/** Whoever may read a personal context has it. */
async function maySpend(on: Reader, actor: Actor, context: Context): Promise<boolean> {
  if (context.type === 'user') return true
  const standing = await standingIn(on, actor.accountId, context.id)
  return standing !== undefined && may(standing, 'run')
}

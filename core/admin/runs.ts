import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { pageOfRuns, type RunQuery } from '../runs/read.ts'
import type { RunListItem } from '../runs/view.ts'
import { requirePlatformAdmin } from './require.ts'

/** Everybody's runs, newest first, or those of one context; for platform admins. */
export async function findAllRuns(
  core: Pick<Core, 'db'>,
  actor: Actor,
  { context, ...query }: RunQuery,
): Promise<{ items: RunListItem[]; nextCursor: string | null }> {
  requirePlatformAdmin(actor)
  return pageOfRuns(core.db, context ? { contexts: [contextKey(context)] } : {}, query)
}

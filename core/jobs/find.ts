import type { Reader } from '#db/db.ts'
import { findJobInContext, findPublicJob } from '#db/jobs.ts'
import type { JobTable } from '#db/schema.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import { AppError } from '../errors.ts'
import { storedDefinition } from '../runs/stored.ts'
import type { JobDefinition } from './definition.ts'

export interface UsableJob {
  row: JobTable
  definition: JobDefinition
}

/** The job a name means for this person in this context; refused (`not_found`) when there is none. */
export async function usableJob(on: Reader, actor: Actor, jobKey: string): Promise<UsableJob> {
  const found = await findJob(on, actor, jobKey)
  if (!found) throw new AppError('not_found', `There is no job ${jobKey} here. /jobs lists them.`)
  return found
}

/** The context's own job stands before a public one of the same name. */
export async function findJob(on: Reader, actor: Actor, jobKey: string): Promise<UsableJob | undefined> {
  const own = await findJobInContext.first(on, { context: contextKey(actor.context), jobKey })
  const isVisible = own && (own.visibility !== 'private' || own.created_by === actor.accountId)
  const row = isVisible ? own : await findPublicJob.first(on, { jobKey })
  return row && { row, definition: await storedDefinition(on, row.id, row.version) }
}

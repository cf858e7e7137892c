import type { Reader } from '#db/db.ts'
import { findUsableJob } from '#db/jobs.ts'
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

export async function findJob(on: Reader, actor: Actor, jobKey: string): Promise<UsableJob | undefined> {
  const context = contextKey(actor.context)
  const row = await findUsableJob.first(on, { context, jobKey, accountId: actor.accountId })
  return row && { row, definition: await storedDefinition(on, row.id, row.version) }
}

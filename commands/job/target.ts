import type { Actor } from '#core/actor.ts'
import type { Core } from '#core/core.ts'
import { cut } from '#core/cut.ts'
import { AppError } from '#core/errors.ts'
import { commandOf, type JobDefinition } from '#core/jobs/definition.ts'
import { findJob } from '#core/jobs/find.ts'
import { listJobs } from '#core/jobs/read.ts'
import { definitionOf } from '#core/runs/quote.ts'
import type { RunRequest } from '#core/runs/request.ts'
import { suggest } from '../suggest.ts'

/** A job that can be started, with how it is written in chat. */
export interface JobTarget {
  target: RunRequest['target']
  definition: JobDefinition
  /** The line begins with this: `release_notes`, `run docs.lint`. */
  command: string
}

/** `release_notes` and `Release-Notes` → `release-notes`. */
export const jobKeyOf = (name: string): string => name.toLowerCase().replaceAll('_', '-')

/** The published job that answers to a command in the actor's context. */
export async function jobOfCommand(core: Core, actor: Actor, command: string): Promise<JobTarget | undefined> {
  const found = await findJob(core.db, actor, jobKeyOf(command))
  if (found?.row.status !== 'published') return undefined
  return { target: { job: found.row.job_key }, definition: found.definition, command }
}

/** The job or the tool of a name; `not_found` with what was probably meant. */
export async function jobNamed(core: Core, actor: Actor, name: string): Promise<JobTarget> {
  if (name.includes('.')) {
    const target = { tool: name.toLowerCase() }
    return { target, definition: await definitionOf(core, actor, target), command: `run ${target.tool}` }
  }
  const key = jobKeyOf(name)
  const found = await findJob(core.db, actor, key)
  if (found) {
    const isCommand = found.row.status === 'published'
    const command = isCommand ? commandOf(key) : `run ${key}`
    return { target: { job: key }, definition: found.definition, command }
  }
  const near = suggest(
    key,
    (await listJobs(core, actor)).map(({ jobId }) => jobId),
  )
  const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ' /jobs lists what there is.'
  throw new AppError('not_found', `There is no job ${cut(name, 60)} here.${hint}`)
}

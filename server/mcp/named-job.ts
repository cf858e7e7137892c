import { may } from '#core/access.ts'
import type { Actor } from '#core/actor.ts'
import type { Core } from '#core/core.ts'
import { AppError } from '#core/errors.ts'
import { getJob, type JobView } from '#core/jobs/read.ts'
import { standingIn } from '#core/teams/standing.ts'
import { actorOfCall, type Caller } from './caller.ts'
import { placeOf, placesOf } from './contexts.ts'

export interface NamedJob {
  job: JobView
  /** Whose, and who pays. */
  actor: Actor
  /** Whether a call may say that another context pays. */
  hasContext: boolean
}

const NAME = /^([a-z][a-z0-9-]{0,63})(?:\.([\w-]{1,64}))?$/

/** The job that a tool's name means to this caller; undefined when it means none that they may run. */
export async function jobNamed(core: Core, caller: Caller, name: string): Promise<NamedJob | undefined> {
  const [, jobId, suffix] = NAME.exec(name) ?? []
  if (jobId === undefined) return undefined
  const actor = await actorOfCall(core, caller)
  if (suffix === undefined) {
    const job = await publishedJob(core, actor, jobId)
    return job && { job, actor, hasContext: caller.context === undefined && !job.isOwn }
  }
  if (caller.context !== undefined) return undefined
  const place = (await placesOf(core, actor)).find((one) => one.suffix === suffix)
  if (!place || placeOf([place], actor)) return undefined
  const there = await actorOfCall(core, caller, { context: `${place.context.type}/${place.context.id}` })
  const job = await publishedJob(core, there, jobId)
  return job?.isOwn ? { job, actor: there, hasContext: false } : undefined
}

async function publishedJob(core: Core, actor: Actor, jobId: string): Promise<JobView | undefined> {
  if (!(await mayRun(core, actor))) return undefined
  try {
    const job = await getJob(core, actor, jobId)
    return job.status === 'published' && job.jobId === jobId ? job : undefined
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') return undefined
    throw error
  }
}

/** Tools that would only ever refuse are not there at all. */
async function mayRun(core: Core, { accountId, context }: Actor): Promise<boolean> {
  if (context.type === 'user') return true
  const standing = await standingIn(core.db, accountId, context.id)
  return standing !== undefined && may(standing, 'run')
}

/** The same job for another payer: where the name means another job, that one is to be called by its own name. */
export async function sameJobFor(core: Core, payer: Actor, { job }: NamedJob): Promise<void> {
  const there = await publishedJob(core, payer, job.jobId)
  if (there?.id === job.id) return
  const message = `In that context ${job.jobId} is another job, or none; tools/list names those that it has.`
  throw new AppError('conflict', message)
}

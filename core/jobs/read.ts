import { findJobInContext, findJobVersion, listJobVersions, listVisibleJobs } from '#db/jobs.ts'
import type { JobTable } from '#db/schema.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError, notFound } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { requireReader } from '../runs/reader.ts'
import { commandOf, type JobDefinition } from './definition.ts'
import { type Difference, diffDefinitions } from './diff.ts'
import { usableJob } from './find.ts'
import { type SavedJob, saveJob, type Visibility } from './save.ts'

export interface JobView {
  id: string
  jobId: string
  /** Without the slash. */
  command: string
  displayName: string
  description: string
  version: number
  status: 'draft' | 'published'
  visibility: Visibility
  /** The context's own, or one that is there for everybody. */
  isOwn: boolean
  definition: JobDefinition
  updatedAt: string
}

/** What is a command here: listed, and published. */
export const listPublished = async (core: Pick<Core, 'db'>, actor: Actor): Promise<JobView[]> =>
  (await listJobs(core, actor)).filter(({ status }) => status === 'published')

/** What can be run here, by name: the context's own jobs and the public ones they do not stand before. */
export async function listJobs(
  core: Pick<Core, 'db'>,
  actor: Actor,
  { templates = false }: { templates?: boolean } = {},
): Promise<JobView[]> {
  await requireReader(core.db, actor, actor.context, 'such context')
  const context = contextKey(actor.context)
  const rows = await listVisibleJobs.all(core.db, { context, accountId: actor.accountId })
  const views = rows.map((row) => jobView(row, JSON.parse(row.definition_json), context))
  if (templates) return views.filter(({ visibility }) => visibility === 'public')
  const own = new Set(views.filter(({ isOwn }) => isOwn).map(({ jobId }) => jobId))
  return views.filter(({ isOwn, jobId, status }) => isOwn || (status === 'published' && !own.has(jobId)))
}

export async function getJob(core: Pick<Core, 'db'>, actor: Actor, jobKey: string): Promise<JobView> {
  await requireReader(core.db, actor, actor.context, 'such context')
  const { row, definition } = await usableJob(core.db, actor, jobKey)
  return jobView(row, definition, contextKey(actor.context))
}

type StoredJob = Pick<JobTable, 'id' | 'context' | 'job_key' | 'version' | 'status' | 'visibility' | 'updated_at_ms'>

const jobView = (row: StoredJob, definition: JobDefinition, context: string): JobView => ({
  id: row.id,
  jobId: row.job_key,
  command: commandOf(row.job_key),
  displayName: definition.displayName,
  description: definition.description,
  version: row.version,
  status: row.status,
  visibility: row.visibility,
  isOwn: row.context === context,
  definition,
  updatedAt: new Date(row.updated_at_ms).toISOString(),
})

export interface VersionView {
  version: number
  createdBy: string
  createdAt: string
}

export async function jobVersions(core: Pick<Core, 'db'>, actor: Actor, jobKey: string): Promise<VersionView[]> {
  await requireReader(core.db, actor, actor.context, 'such context')
  const { row } = await usableJob(core.db, actor, jobKey)
  const versions = await listJobVersions.all(core.db, { jobId: row.id })
  return versions.map(({ version, handle, created_by, created_at_ms }) => ({
    version,
    createdBy: handle ? `@${handle}` : created_by,
    createdAt: new Date(created_at_ms).toISOString(),
  }))
}

export async function jobVersion(
  core: Pick<Core, 'db'>,
  actor: Actor,
  jobKey: string,
  version: number,
): Promise<JobDefinition> {
  await requireReader(core.db, actor, actor.context, 'such context')
  const { row } = await usableJob(core.db, actor, jobKey)
  const found = await findJobVersion.first(core.db, { jobId: row.id, version })
  if (!found) throw notFound(`version ${version} of ${jobKey}`)
  return JSON.parse(found.definition_json)
}

export async function jobDifferences(
  core: Pick<Core, 'db'>,
  actor: Actor,
  jobKey: string,
  { from, to }: { from: number; to: number },
): Promise<Difference[]> {
  const [before, after] = await Promise.all([
    jobVersion(core, actor, jobKey, from),
    jobVersion(core, actor, jobKey, to),
  ])
  return diffDefinitions(before, after)
}

type SaveNeeds = Pick<Core, 'db' | 'clock' | 'ids' | 'tools'>

/** Makes an old version the newest again, as a new version: history only grows. */
export async function restoreVersion(
  core: SaveNeeds,
  actor: Actor,
  jobKey: string,
  version: number,
): Promise<SavedJob> {
  const own = await findJobInContext.first(core.db, { context: contextKey(actor.context), jobKey })
  if (!own) throw notFound(`job ${jobKey} in this context`)
  const definition = await jobVersion(core, actor, jobKey, version)
  return saveJob(core, actor, { source: definition as unknown as JsonObject, publish: own.status === 'published' })
}

/** Copies a public job into the actor's context, as its own, to be changed there. */
export async function copyTemplate(core: SaveNeeds, actor: Actor, jobKey: string): Promise<SavedJob> {
  const template = (await listJobs(core, actor, { templates: true })).find(
    ({ jobId, isOwn }) => jobId === jobKey && !isOwn,
  )
  if (!template) throw new AppError('not_found', `There is no template ${jobKey}. /jobs templates lists them.`)
  return saveJob(core, actor, { source: template.definition as unknown as JsonObject, publish: true })
}

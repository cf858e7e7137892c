import type { Tx } from '#db/db.ts'
import { findJobInContext, insertJob, insertJobVersion, markJobDeleted, updateJob } from '#db/jobs.ts'
import type { JobTable } from '#db/schema.ts'
import { mayOnPlatform } from '../access.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError, notFound, type Problem } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { canonicalJson, type Json, type JsonObject } from '../json.ts'
import { once } from '../once.ts'
import { storedDefinition } from '../runs/stored.ts'
import { requireContext } from '../teams/standing.ts'
import type { JobDefinition } from './definition.ts'
import { loadWorld } from './load-world.ts'
import { parseDefinition } from './parse.ts'
import { checkDefinition } from './validate.ts'

export type Visibility = 'private' | 'team' | 'public'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools'>

/** Every problem of a definition as it would be saved in this context; an empty list means that it can be. */
export async function checkJob(
  core: Pick<Core, 'db' | 'clock' | 'tools'>,
  actor: Actor,
  source: string | JsonObject,
): Promise<{ definition?: JobDefinition; problems: Problem[] }> {
  const nowMs = core.clock.nowMs()
  // Its own name is needed to know which jobs are others; a definition too broken to have one collides with nothing.
  const jobKey = parseDefinition(source).definition?.jobId ?? ''
  return checkDefinition(source, await loadWorld(core.db, core.tools, actor, { jobKey, nowMs }))
}

export interface SavedJob {
  id: string
  jobId: string
  version: number
  status: 'draft' | 'published'
  visibility: Visibility
}

export interface SaveRequest {
  source: string | JsonObject
  /** A published job is a command at once; a draft only its editors can run. */
  publish: boolean
  /** Left out: what it was before; for a new one `team` (in one's own context `private`). */
  visibility?: Visibility
}

/**
 * Saves a definition: the first time as a new job, after that as its next version. Nothing invalid is stored
 * (`bad_definition` with every problem). Saving what is already the newest version makes no new one.
 */
export async function saveJob(core: Needs, actor: Actor, request: SaveRequest): Promise<SavedJob> {
  const { definition, problems } = await checkJob(core, actor, request.source)
  if (!definition) throw invalid(problems)
  return core.db.write(async function saveJob(tx) {
    await requirePublisher(tx, actor, request.visibility)
    const nowMs = core.clock.nowMs()
    const input = {
      context: contextKey(actor.context),
      definition: definition as unknown as Json,
      publish: request.publish,
      visibility: request.visibility ?? null,
    }
    const saved = await once(tx, { actor, operation: 'job.save', input, nowMs }, async () => {
      const before = await findJobInContext.first(tx, { context: contextKey(actor.context), jobKey: definition.jobId })
      const job = before
        ? await saveVersion(tx, actor, before, definition, request, nowMs)
        : await saveNew(core, tx, actor, definition, request, nowMs)
      await appendEvents(tx, nowMs, [jobEvent(actor, request.publish ? 'job.published' : 'job.saved', job)])
      return { ...job }
    })
    return saved as unknown as SavedJob
  })
}

async function saveNew(
  core: Needs,
  tx: Tx,
  actor: Actor,
  definition: JobDefinition,
  { publish, visibility }: SaveRequest,
  nowMs: number,
): Promise<SavedJob> {
  const job: SavedJob = {
    id: core.ids.newId('job'),
    jobId: definition.jobId,
    version: 1,
    status: publish ? 'published' : 'draft',
    visibility: visibility ?? (actor.context.type === 'team' ? 'team' : 'private'),
  }
  const createdBy = actor.accountId
  await insertJob.run(tx, { ...job, context: contextKey(actor.context), jobKey: job.jobId, createdBy, nowMs })
  await insertJobVersion.run(tx, {
    jobId: job.id,
    version: 1,
    definitionJson: JSON.stringify(definition),
    createdBy,
    nowMs,
  })
  return job
}

async function saveVersion(
  tx: Tx,
  actor: Actor,
  before: JobTable,
  definition: JobDefinition,
  { publish, visibility }: SaveRequest,
  nowMs: number,
): Promise<SavedJob> {
  requireAllowedPublic(actor, before.visibility)
  const newest = await storedDefinition(tx, before.id, before.version)
  const isSame = canonicalJson(newest as unknown as Json) === canonicalJson(definition as unknown as Json)
  const version = isSame ? before.version : before.version + 1
  const status = publish ? 'published' : before.status
  const next = { status, visibility: visibility ?? before.visibility }
  const updated = await updateJob.run(tx, { id: before.id, fromVersion: before.version, version, ...next, nowMs })
  if (updated === 0) throw savedMeanwhile(definition.jobId)
  if (!isSame) {
    const definitionJson = JSON.stringify(definition)
    await insertJobVersion.run(tx, { jobId: before.id, version, definitionJson, createdBy: actor.accountId, nowMs })
  }
  return { id: before.id, jobId: definition.jobId, version, ...next }
}

/** Publishes or unpublishes the newest version as it is. Doing it twice changes nothing. */
export async function setPublished(core: Needs, actor: Actor, jobKey: string, publish: boolean): Promise<SavedJob> {
  return core.db.write(async function setPublished(tx) {
    await requirePublisher(tx, actor, undefined)
    const row = await ownJob(tx, actor, jobKey)
    const status = publish ? 'published' : 'draft'
    const { id, version, visibility } = row
    const job: SavedJob = { id, jobId: row.job_key, version, status, visibility }
    if (row.status === status) return job
    if (publish) requireAllowedPublic(actor, visibility)
    const nowMs = core.clock.nowMs()
    const updated = await updateJob.run(tx, { id, fromVersion: version, version, status, visibility, nowMs })
    if (updated === 0) throw savedMeanwhile(row.job_key)
    await appendEvents(tx, nowMs, [jobEvent(actor, publish ? 'job.published' : 'job.unpublished', job)])
    return job
  })
}

/** Takes a job away. Runs that started go on; its history stays on record. */
export async function deleteJob(core: Needs, actor: Actor, jobKey: string): Promise<void> {
  await core.db.write(async function deleteJob(tx) {
    await requirePublisher(tx, actor, undefined)
    const row = await ownJob(tx, actor, jobKey)
    const nowMs = core.clock.nowMs()
    if ((await markJobDeleted.run(tx, { id: row.id, nowMs })) === 0) throw noJob(jobKey)
    await appendEvents(tx, nowMs, [
      jobEvent(actor, 'job.deleted', { id: row.id, jobId: row.job_key, version: row.version }),
    ])
  })
}

async function ownJob(tx: Tx, actor: Actor, jobKey: string): Promise<JobTable> {
  const row = await findJobInContext.first(tx, { context: contextKey(actor.context), jobKey })
  if (!row) throw noJob(jobKey)
  return row
}

const noJob = (jobKey: string): AppError => notFound(`job ${jobKey} in this context`)

const savedMeanwhile = (jobKey: string): AppError =>
  new AppError('conflict', `${jobKey} was saved by somebody else a moment ago.`)

/** In a team its admins publish; in one's own context oneself; for everybody a platform admin. */
async function requirePublisher(tx: Tx, actor: Actor, visibility: Visibility | undefined): Promise<void> {
  requireAllowedPublic(actor, visibility)
  await requireContext(tx, actor, actor.context, 'publish')
}

/** What everybody runs does not change behind the back of who let it in. */
function requireAllowedPublic(actor: Actor, visibility: Visibility | undefined): void {
  if (visibility !== 'public' || mayOnPlatform(actor.platformRole, 'see_everything')) return
  throw new AppError('forbidden', 'Only a platform admin makes a job public, or changes one that is.')
}

function invalid(problems: Problem[]): AppError {
  const list = problems.slice(0, 20).map(({ path, message }) => (path ? `${path}: ${message}` : message))
  const more = problems.length > 20 ? ` … and ${problems.length - 20} more.` : ''
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`
  return new AppError('bad_definition', `The job has ${count}:\n${list.join('\n')}${more}`, { problems })
}

const jobEvent = (actor: Actor, type: string, job: { id: string; jobId: string; version: number }) => ({
  type,
  actor: actor.accountId,
  context: contextKey(actor.context),
  subject: job.id,
  details: { jobId: job.jobId, version: job.version },
})

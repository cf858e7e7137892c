import assert from 'node:assert/strict'
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { Actor } from '#core/actor.ts'
import { AppError, notFound } from '#core/errors.ts'
import { commandOf, type JobDefinition } from '#core/jobs/definition.ts'
import { parseDefinition } from '#core/jobs/parse.ts'
import { copyTemplate, getJob, jobVersion, listJobs } from '#core/jobs/read.ts'
import { checkJob, deleteJob, type SavedJob, saveJob, setPublished } from '#core/jobs/save.ts'
import { actorOf, requirePrincipal } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { readQuery } from '../read-body.ts'
import { readSource, requireSource, type Source } from './job-source.ts'
import { versionRoutes } from './job-versions.ts'
import { pageOf, pageQuery } from './pages.ts'
import { doOnce } from './replay.ts'
import { pathId } from './request.ts'
import { answerQuote, runBody, startRun } from './start-run.ts'

const listQuery = pageQuery.extend({ templates: z.stringbool().default(false) })
const saveQuery = z.strictObject({
  /** A draft is kept and checked, but is no command. */
  publish: z.stringbool().default(true),
  visibility: z.enum(['private', 'team', 'public']).exactOptional(),
})
const runJobBody = runBody.extend({
  variants: z.number().int().min(1).max(1, 'must be 1: a run makes one variant so far').exactOptional(),
})

const pathJob = (c: Context<Env>): string => pathId(c, 'jobId', 'such job')

/** Jobs of the context, and the public ones; each by its `jobId`. */
export function jobRoutes(deps: ServerDeps): Hono<Env> {
  const { core } = deps
  const app = new Hono<Env>()
  app.route('/', versionRoutes(deps))

  app.get('/jobs', async (c) => {
    const actor = await actorOf(core, c)
    const { templates, ...page } = readQuery(c, listQuery)
    return c.json(pageOf(await listJobs(core, actor, { templates }), page, ({ id }) => id))
  })

  app.post('/jobs', async (c) => {
    requirePrincipal(c)
    const source = await requireSource(c)
    const saved = await save(c, await actorOf(core, c), source)
    return c.json(saved, 201, { Location: `/v1/jobs/${saved.jobId}` })
  })

  app.post('/jobs/validate', async (c) => {
    requirePrincipal(c, 'read')
    const read = await readSource(c)
    const actor = await actorOf(core, c, { scope: 'read' })
    if ('problem' in read) return c.json({ problems: [read.problem] })
    const { problems } = await checkJob(core, actor, read.source)
    return c.json({ problems })
  })

  app.get('/jobs/:jobId', async (c) => {
    const actor = await actorOf(core, c)
    return c.json(await getJob(core, actor, pathJob(c)))
  })

  app.put('/jobs/:jobId', async (c) => {
    requirePrincipal(c)
    const source = await requireSource(c)
    const actor = await actorOf(core, c)
    const jobId = pathJob(c)
    const before = await getJob(core, actor, jobId)
    if (!before.isOwn) throw notFound(`job ${jobId} in this context`)
    return c.json(await save(c, actor, source, jobId))
  })

  app.delete('/jobs/:jobId', async (c) => {
    const actor = await actorOf(core, c)
    await deleteJob(core, actor, pathJob(c))
    return c.body(null, 204)
  })

  app.post('/jobs/:jobId/publish', async (c) => {
    const actor = await actorOf(core, c)
    return c.json(await setPublished(core, actor, pathJob(c), true))
  })

  app.post('/jobs/:jobId/unpublish', async (c) => {
    const actor = await actorOf(core, c)
    return c.json(await setPublished(core, actor, pathJob(c), false))
  })

  app.post('/jobs/:jobId/copy', async (c) => {
    const actor = await actorOf(core, c)
    const jobId = pathJob(c)
    const saved = await doOnce(c, actor, (once) => copyTemplate(core, once, jobId))
    const definition = await jobVersion(core, actor, saved.jobId, saved.version)
    return c.json(savedView(saved, definition), 201, { Location: `/v1/jobs/${saved.jobId}` })
  })

  app.post('/jobs/:jobId/run', (c) => startRun(core, c, () => ({ job: pathJob(c) }), runJobBody))
  app.post('/jobs/:jobId/quote', (c) => answerQuote(core, c, () => ({ job: pathJob(c) })))

  async function save(c: Context<Env>, actor: Actor, source: Source, jobId?: string) {
    const options = readQuery(c, saveQuery)
    const { definition } = parseDefinition(source)
    if (jobId !== undefined && definition) requireSameId(definition, jobId)
    const saved = await doOnce(c, actor, (once) => saveJob(core, once, { source, ...options }))
    assert(definition, 'What was saved could be read')
    return savedView(saved, definition)
  }
  return app
}

/** A job keeps its id. */
function requireSameId(definition: JobDefinition, jobId: string): void {
  if (definition.jobId === jobId) return
  const message = `The definition is of ${definition.jobId}, the address of ${jobId}. A job keeps its id.`
  throw new AppError('bad_request', message, { problems: [{ path: 'jobId', message: `must be ${jobId}` }] })
}

const savedView = (saved: SavedJob, definition: JobDefinition) => ({
  ...saved,
  command: commandOf(saved.jobId),
  displayName: definition.displayName,
  description: definition.description,
  definition,
})

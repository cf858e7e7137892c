import assert from 'node:assert/strict'
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { Actor } from '#core/actor.ts'
import { AppError, notFound } from '#core/errors.ts'
import { commandOf, type JobDefinition } from '#core/jobs/definition.ts'
import { parseDefinition } from '#core/jobs/parse.ts'
import { copyTemplate, getJob, jobVersion, listJobs } from '#core/jobs/read.ts'
import { checkJob, deleteJob, type SavedJob, saveJob, setPublished } from '#core/jobs/save.ts'
import { VARIANTS_MAX } from '#core/variants/job.ts'
import { actorOf, requirePrincipal } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { readSource, requireSource, SOURCE, type Source } from './job-source.ts'
import { versionRoutes } from './job-versions.ts'
import { pageOf, pageQuery } from './pages.ts'
import { doOnce } from './replay.ts'
import { pathId } from './request.ts'
import { answerQuote, quoteBody, runBody, startRun } from './start-run.ts'

const listQuery = pageQuery.extend({ templates: z.stringbool().default(false) })
const saveQuery = z.strictObject({
  /** A draft is kept and checked, but is no command. */
  publish: z.stringbool().default(true),
  visibility: z.enum(['private', 'team', 'public']).exactOptional(),
})
const runJobBody = runBody.extend({
  /** So many results to choose from, under one quote and one hold. */
  variants: z.number().int().min(1).max(VARIANTS_MAX).exactOptional(),
})

const pathJob = (c: Context<Env>): string => pathId(c, 'jobId', 'such job')

/** Jobs of the context, and the public ones; each by its `jobId`. */
export function jobRoutes(deps: ServerDeps): Hono<Env> {
  const { core } = deps
  const app = new Hono<Env>()
  app.route('/', versionRoutes(deps))

  app.get(
    '/jobs',
    describe({
      summary: 'Jobs of the context, and public ones',
      group: 'jobs',
      query: listQuery,
      answers: { 200: { list: 'Job' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const { templates, ...page } = readQuery(c, listQuery)
      return c.json(pageOf(await listJobs(core, actor, { templates }), page, ({ id }) => id))
    },
  )

  app.post(
    '/jobs',
    describe({
      summary: 'Save a new job',
      more: 'The definition, as JSON or YAML. It is a command at once unless `publish=false`.',
      group: 'jobs',
      query: saveQuery,
      body: SOURCE,
      answers: { 201: 'JobSaved' },
      refuses: ['bad_definition', 'bad_input', 'conflict', 'limit_reached'],
      once: 'taken',
    }),
    async (c) => {
      requirePrincipal(c)
      const source = await requireSource(c)
      const saved = await save(c, await actorOf(core, c), source)
      return c.json(saved, 201, { Location: `/v1/jobs/${saved.jobId}` })
    },
  )

  app.post(
    '/jobs/validate',
    describe({
      summary: 'Check a definition',
      group: 'jobs',
      scope: 'read',
      body: SOURCE,
      answers: { 200: 'JobProblems' },
    }),
    async (c) => {
      requirePrincipal(c, 'read')
      const read = await readSource(c)
      const actor = await actorOf(core, c, { scope: 'read' })
      if ('problem' in read) return c.json({ problems: [read.problem] })
      const { problems } = await checkJob(core, actor, read.source)
      return c.json({ problems })
    },
  )

  app.get('/jobs/:jobId', describe({ summary: 'A job', group: 'jobs', answers: { 200: 'Job' } }), async (c) => {
    const actor = await actorOf(core, c)
    return c.json(await getJob(core, actor, pathJob(c)))
  })

  app.put(
    '/jobs/:jobId',
    describe({
      summary: 'Save a new version of a job',
      group: 'jobs',
      query: saveQuery,
      body: SOURCE,
      answers: { 200: 'JobSaved' },
      refuses: ['bad_definition', 'bad_input', 'conflict'],
      once: 'taken',
    }),
    async (c) => {
      requirePrincipal(c)
      const source = await requireSource(c)
      const actor = await actorOf(core, c)
      const jobId = pathJob(c)
      const before = await getJob(core, actor, jobId)
      if (!before.isOwn) throw notFound(`job ${jobId} in this context`)
      return c.json(await save(c, actor, source, jobId))
    },
  )

  app.delete(
    '/jobs/:jobId',
    describe({
      summary: 'Delete a job',
      more: 'Runs that have begun go on.',
      group: 'jobs',
      answers: { 204: null },
      refuses: ['conflict'],
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      await deleteJob(core, actor, pathJob(c))
      return c.body(null, 204)
    },
  )

  app.post(
    '/jobs/:jobId/publish',
    describe({
      summary: 'Make a draft a command',
      group: 'jobs',
      answers: { 200: 'JobStatus' },
      refuses: ['bad_definition', 'conflict'],
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await setPublished(core, actor, pathJob(c), true))
    },
  )

  app.post(
    '/jobs/:jobId/unpublish',
    describe({
      summary: 'Make a job a draft again',
      group: 'jobs',
      answers: { 200: 'JobStatus' },
      refuses: ['conflict'],
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await setPublished(core, actor, pathJob(c), false))
    },
  )

  app.post(
    '/jobs/:jobId/copy',
    describe({
      summary: 'Copy a job that is there for everybody',
      group: 'jobs',
      answers: { 201: 'JobSaved' },
      refuses: ['bad_definition', 'conflict'],
      once: 'taken',
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const jobId = pathJob(c)
      const saved = await doOnce(c, actor, (once) => copyTemplate(core, once, jobId))
      const definition = await jobVersion(core, actor, saved.jobId, saved.version)
      return c.json(savedView(saved, definition), 201, { Location: `/v1/jobs/${saved.jobId}` })
    },
  )

  app.post(
    '/jobs/:jobId/run',
    describe({
      summary: 'Run a job',
      group: 'jobs',
      body: runJobBody,
      answers: { 202: 'RunAccepted' },
      refuses: [
        'bad_input',
        'bad_definition',
        'insufficient_funds',
        'limit_reached',
        'price_unknown',
        'confirmation_needed',
        'conflict',
      ],
      once: 'taken',
    }),
    (c) => startRun(core, c, () => ({ job: pathJob(c) }), runJobBody),
  )
  app.post(
    '/jobs/:jobId/quote',
    describe({
      summary: 'What a job would cost',
      group: 'jobs',
      scope: 'read',
      body: quoteBody,
      answers: { 200: 'Quote' },
      refuses: ['bad_input', 'bad_definition', 'price_unknown'],
    }),
    (c) => answerQuote(core, c, () => ({ job: pathJob(c) })),
  )

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

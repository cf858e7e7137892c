import { Hono } from 'hono'
import { z } from 'zod'
import { notFound } from '#core/errors.ts'
import { jobDifferences, jobVersion, jobVersions, restoreVersion } from '#core/jobs/read.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { pageOf, pageQuery } from './pages.ts'
import { doOnce } from './replay.ts'
import { pathId } from './request.ts'

const VERSION_MAX = 1_000_000_000
const versionNumber = z.coerce.number().int().min(1).max(VERSION_MAX)
const diffQuery = z.strictObject({ from: versionNumber, to: versionNumber })

/** The history of a job: it only grows. */
export function versionRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.get(
    '/jobs/:jobId/versions',
    describe({
      summary: 'The versions of a job',
      group: 'jobs',
      query: pageQuery,
      answers: { 200: { list: 'JobVersion' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const versions = await jobVersions(core, actor, pathId(c, 'jobId', 'such job'))
      return c.json(pageOf(versions, readQuery(c, pageQuery), ({ version }) => String(version)))
    },
  )

  app.get(
    '/jobs/:jobId/versions/:version',
    describe({ summary: 'A job as it was', group: 'jobs', answers: { 200: 'JobAtVersion' } }),
    async (c) => {
      const actor = await actorOf(core, c)
      const jobId = pathId(c, 'jobId', 'such job')
      const version = versionIn(c.req.param('version'))
      return c.json({ jobId, version, definition: await jobVersion(core, actor, jobId, version) })
    },
  )

  app.get(
    '/jobs/:jobId/diff',
    describe({
      summary: 'What changed between two versions',
      group: 'jobs',
      query: diffQuery,
      answers: { 200: 'JobDiff' },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const { from, to } = readQuery(c, diffQuery)
      return c.json({
        from,
        to,
        differences: await jobDifferences(core, actor, pathId(c, 'jobId', 'such job'), { from, to }),
      })
    },
  )

  app.post(
    '/jobs/:jobId/versions/:version/restore',
    describe({
      summary: 'Make an old version the newest',
      group: 'jobs',
      answers: { 200: 'JobStatus' },
      refuses: ['bad_definition', 'conflict'],
      once: 'taken',
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const jobId = pathId(c, 'jobId', 'such job')
      const version = versionIn(c.req.param('version'))
      return c.json(await doOnce(c, actor, (once) => restoreVersion(core, once, jobId, version)))
    },
  )
  return app
}

function versionIn(text: string): number {
  const parsed = versionNumber.safeParse(text)
  if (!parsed.success) throw notFound('such version')
  return parsed.data
}

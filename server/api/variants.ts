import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { AppError } from '#core/errors.ts'
import { acceptVariant } from '#core/variants/accept.ts'
import { editVariant } from '#core/variants/edit.ts'
import { type ExportedVariant, exportVariant } from '#core/variants/export.ts'
import { EXPORT_FORMATS } from '#core/variants/formats.ts'
import { getVariant } from '#core/variants/read.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { doOnce } from './replay.ts'
import { pathId, readRequest } from './request.ts'
import { jsonObject } from './schemas.ts'

const nothing = z.strictObject({})
const editBody = z.strictObject({ outputs: jsonObject })
export const exportFormat = z.enum(EXPORT_FORMATS)
const exportBody = z.strictObject({ format: exportFormat, to: z.enum(['download', 'chat']).default('download') })

const pathVariant = (c: Context<Env>): string => pathId(c, 'id', 'such variant')

/** What runs brought, to be looked at, edited, accepted and taken away. */
export function variantRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.get(
    '/variants/:id',
    describe({ summary: 'What a run brought', group: 'runs', etag: 'taken', answers: { 200: 'Variant', 304: null } }),
    async (c) => {
      const actor = await actorOf(core, c)
      const { variant, etag } = await getVariant(core, actor, pathVariant(c))
      c.header('ETag', etag)
      return c.req.header('if-none-match') === etag ? c.body(null, 304) : c.json(variant)
    },
  )

  app.put(
    '/variants/:id',
    describe({
      summary: 'Edit what a run brought',
      more: 'All outputs, as they shall be.',
      group: 'runs',
      etag: 'needed',
      body: editBody,
      answers: { 200: 'Variant' },
      refuses: ['bad_input', 'conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, editBody)
      const request = { variantId: pathVariant(c), outputs: body.outputs, ifMatch: c.req.header('if-match') }
      const { variant, etag } = await doOnce(c, actor, (once) => editVariant(core, once, request)).catch((error) => {
        // Who was too slow learns what is there now.
        if (error instanceof AppError && error.details.facts?.etag) c.header('ETag', String(error.details.facts.etag))
        throw error
      })
      c.header('ETag', etag)
      return c.json(variant)
    },
  )

  app.post(
    '/variants/:id/accept',
    describe({
      summary: 'Accept one of the variants',
      group: 'runs',
      body: nothing,
      answers: { 200: 'Variant' },
      refuses: ['conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor } = await readRequest(core, c, nothing)
      return c.json(await doOnce(c, actor, (once) => acceptVariant(core, once, pathVariant(c))))
    },
  )

  app.post(
    '/variants/:id/export',
    describe({
      summary: 'Write it to files',
      group: 'runs',
      body: exportBody,
      answers: { 201: 'Exported' },
      refuses: ['bad_input', 'conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, exportBody)
      const exported = await doOnce(c, actor, (once) =>
        exportVariant(core, once, { variantId: pathVariant(c), ...body }),
      )
      const view = exportedView(exported)
      return c.json(view, 201, { Location: view.url ?? '' })
    },
  )
  return app
}

/** The first file stands for all of them where there is one, as a rule. */
export function exportedView({ variantId, files }: ExportedVariant) {
  const views = files.map(({ artifactId, ...file }) => ({
    id: artifactId,
    ...file,
    url: `/v1/artifacts/${artifactId}`,
  }))
  return { variantId, ...views[0], files: views }
}

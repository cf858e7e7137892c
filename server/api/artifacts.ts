import { Hono } from 'hono'
import { FILE_MAX_BYTES, readArtifact, storeArtifact } from '#core/artifacts/store.ts'
import { contextOf } from '#core/context.ts'
import { AppError, notFound } from '#core/errors.ts'
import { artifactsOfRun } from '#core/runs/files.ts'
import { requireReader } from '#core/runs/reader.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readBytes, readQuery } from '../read-body.ts'
import { pageOf, pageQuery } from './pages.ts'
import { pathId } from './request.ts'
import { text } from './schemas.ts'

const listQuery = pageQuery.extend({ runId: text(64).min(1) })

/** Multipart has some bytes of its own around the file. */
const UPLOAD_MAX_BYTES = FILE_MAX_BYTES + 64 * 1024

/** Files in and out. */
export function artifactRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.post(
    '/artifacts',
    describe({
      summary: 'Upload a file',
      more: 'In a field named `file`; 50 MB at most.',
      group: 'runs',
      body: [{ media: 'multipart/form-data', says: 'The file, in a field named file' }],
      answers: { 201: 'Artifact' },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const file = await readFile(await readBytes(c, UPLOAD_MAX_BYTES), c.req.header('content-type'))
      const bytes = new Uint8Array(await file.arrayBuffer())
      const nowMs = core.clock.nowMs()
      const stored = await core.db.write(async function keepUpload(tx) {
        return storeArtifact(core, tx, {
          context: actor.context,
          accountId: actor.accountId,
          name: file.name,
          mediaType: file.type || 'application/octet-stream',
          bytes,
          nowMs,
        })
      })
      const { id, name, mediaType, sizeBytes } = stored
      return c.json({ id, name, mediaType, sizeBytes }, 201, { Location: `/v1/artifacts/${id}` })
    },
  )

  app.get(
    '/artifacts',
    describe({
      summary: 'Files of a run',
      group: 'runs',
      query: listQuery,
      answers: { 200: { list: 'ArtifactOfRun' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const { runId, ...page } = readQuery(c, listQuery)
      return c.json(pageOf(await artifactsOfRun(core, actor, runId), page, ({ id }) => id))
    },
  )

  app.get(
    '/artifacts/:id',
    describe({
      summary: 'A file',
      group: 'runs',
      answers: { 200: { media: '*/*', says: 'What is in it, as a download' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const file = await readArtifact(core.db, pathId(c, 'id', 'such file'))
      if (!file) throw notFound('such file')
      if (file.accountId !== actor.accountId) await requireReader(core.db, actor, contextOf(file.context), 'such file')
      // Always a download, never a page of ours: what people upload must not run under this origin.
      return c.body(Uint8Array.from(file.bytes), 200, {
        'Content-Type': file.mediaType,
        'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
        'Content-Security-Policy': "default-src 'none'; sandbox",
      })
    },
  )
  return app
}

async function readFile(body: Uint8Array, contentType: string | undefined): Promise<File> {
  try {
    const form = await new Response(Uint8Array.from(body), {
      headers: { 'Content-Type': contentType ?? '' },
    }).formData()
    const file = form.get('file')
    if (file instanceof File) {
      if (file.size > FILE_MAX_BYTES) throw new AppError('too_large', 'A file may have 50 MB at most.')
      return file
    }
  } catch (error) {
    if (error instanceof AppError) throw error
  }
  throw new AppError('bad_request', 'Send the file as multipart/form-data in a field named file.')
}

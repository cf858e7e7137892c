import { ResourceNotFoundError } from '@modelcontextprotocol/server'
import { readArtifact } from '#core/artifacts/store.ts'
import { contextOf } from '#core/context.ts'
import type { Core } from '#core/core.ts'
import { AppError } from '#core/errors.ts'
import { getJob, listPublished } from '#core/jobs/read.ts'
import { getRunPage } from '#core/runs/page.ts'
import { findRuns } from '#core/runs/read.ts'
import { requireReader } from '#core/runs/reader.ts'
import { actorOfCall, type Caller } from './caller.ts'

export const RESOURCE_TEMPLATES = [
  {
    uriTemplate: 'muster://runs/{runId}',
    name: 'run',
    title: 'A run',
    description: 'With its steps, outputs, cost and who paid.',
    mimeType: 'application/json',
  },
  {
    uriTemplate: 'muster://artifacts/{artifactId}',
    name: 'artifact',
    title: 'A file',
    description: 'That came in with a run or out of it.',
  },
  {
    uriTemplate: 'muster://jobs/{type}/{contextId}/{jobId}',
    name: 'job',
    title: 'A job',
    description: 'The definition as it is now; type is team or user.',
    mimeType: 'application/json',
  },
]

/** The jobs of the context and its newest runs; everything else by its address. */
export async function listResources(core: Core, caller: Caller) {
  const actor = await actorOfCall(core, caller)
  const { type, id } = actor.context
  const [jobs, runs] = await Promise.all([listPublished(core, actor), findRuns(core, actor, { limit: 20 })])
  return {
    resources: [
      ...jobs.slice(0, JOBS_MOST).map(({ jobId, displayName }) => ({
        uri: `muster://jobs/${type}/${id}/${jobId}`,
        name: jobId,
        title: displayName,
        mimeType: 'application/json',
      })),
      ...runs.items.map(({ id, jobId, status, createdAt }) => ({
        uri: `muster://runs/${id}`,
        name: id,
        title: `${jobId}, ${status}, ${createdAt}`,
        mimeType: 'application/json',
      })),
    ],
  }
}

const JOBS_MOST = 200
/** In base64 a third more, and in one message. */
const FILE_MOST_BYTES = 8 * 1024 * 1024

const ADDRESS =
  /^muster:\/\/(?:(runs|artifacts)\/([\w-]{1,100})|jobs\/((?:team|user)\/[\w-]{1,100})\/([a-z][a-z0-9-]{0,63}))$/

/** What is not there, and what is another's, is not found. */
export async function readResource(core: Core, caller: Caller, uri: string) {
  const [, kind, id = '', context, jobId = ''] = ADDRESS.exec(uri) ?? []
  try {
    if (kind === 'runs') return json(uri, await getRunPage(core, await actorOfCall(core, caller), id))
    if (kind === 'artifacts') return await readFile(core, caller, uri, id)
    if (context) return json(uri, (await getJob(core, await actorOfCall(core, caller, { context }), jobId)).definition)
  } catch (error) {
    const isNotThere = error instanceof AppError && (error.code === 'not_found' || error.code === 'context_conflict')
    if (!isNotThere) throw error
  }
  throw new ResourceNotFoundError(uri, 'There is no such thing here.')
}

const json = (uri: string, value: object) => ({
  contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(value, null, 2) }],
})

async function readFile(core: Core, caller: Caller, uri: string, id: string) {
  const actor = await actorOfCall(core, caller)
  const file = await readArtifact(core.db, id)
  if (!file) throw new ResourceNotFoundError(uri, 'There is no such file here.')
  if (file.accountId !== actor.accountId) await requireReader(core.db, actor, contextOf(file.context), 'such file')
  if (file.sizeBytes > FILE_MOST_BYTES) {
    throw new AppError('too_large', `${file.name} is larger than 8 MiB. Download it: GET /v1/artifacts/${id}`)
  }
  const bytes = Buffer.from(file.bytes)
  const isText = /^text\/|^application\/(json|.*\+json|xml|yaml)\b/.test(file.mediaType)
  const content = isText ? { text: bytes.toString('utf8') } : { blob: bytes.toString('base64') }
  return { contents: [{ uri, mimeType: file.mediaType, ...content }] }
}

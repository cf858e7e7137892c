import { listArtifactsOfRun } from '#db/artifacts.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { readableRun } from './read.ts'

export interface FileView {
  id: string
  runId: string
  name: string
  mediaType: string
  sizeBytes: number
  createdAt: string
}

/** The files that a run brought or that were made from its result, oldest first; `not_found` for runs one may not see. */
export async function artifactsOfRun(core: Pick<Core, 'db'>, actor: Actor, runId: string): Promise<FileView[]> {
  await readableRun(core.db, actor, runId)
  const rows = await listArtifactsOfRun.all(core.db, { runId })
  return rows.map(({ id, name, media_type, size_bytes, created_at_ms }) => ({
    id,
    runId,
    name,
    mediaType: media_type,
    sizeBytes: size_bytes,
    createdAt: new Date(created_at_ms).toISOString(),
  }))
}

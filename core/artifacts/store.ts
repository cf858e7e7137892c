import { findArtifact, insertArtifact, insertBlob, readBlob } from '#db/artifacts.ts'
import type { Reader, Tx } from '#db/db.ts'
import { type Context, contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { sha256 } from '../ids.ts'

export const FILE_MAX_BYTES = 50 * 1024 * 1024

export interface Artifact {
  id: string
  /** Context key: whoever may read there may read the file. */
  context: string
  accountId: string
  name: string
  mediaType: string
  sizeBytes: number
}

/** Keeps a file, its bytes once whatever the number of its names. */
export async function storeArtifact(
  core: Pick<Core, 'ids'>,
  tx: Tx,
  file: {
    context: Context
    accountId: string
    runId?: string
    name: string
    mediaType: string
    bytes: Uint8Array
    nowMs: number
  },
): Promise<Artifact> {
  const hash = sha256(file.bytes)
  await insertBlob.run(tx, { sha256: hash, bytes: file.bytes })
  const artifact: Artifact = {
    id: core.ids.newId('art'),
    context: contextKey(file.context),
    accountId: file.accountId,
    name: safeName(file.name),
    mediaType: file.mediaType,
    sizeBytes: file.bytes.byteLength,
  }
  await insertArtifact.run(tx, { ...artifact, runId: file.runId ?? null, sha256: hash, nowMs: file.nowMs })
  return artifact
}

export async function readArtifact(on: Reader, id: string): Promise<(Artifact & { bytes: Uint8Array }) | undefined> {
  const found = await findArtifact.first(on, { id })
  const blob = found && (await readBlob.first(on, { sha256: found.sha256 }))
  if (!found || !blob) return undefined
  return {
    id: found.id,
    context: found.context,
    accountId: found.account_id,
    name: found.name,
    mediaType: found.media_type,
    sizeBytes: found.size_bytes,
    bytes: blob.bytes,
  }
}

/** A file name without path, control characters or direction marks, of a length every system takes. */
function safeName(name: string): string {
  const base = name.split(/[/\\]/).at(-1) ?? ''
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  return base.replaceAll(/[\u0000-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '').slice(0, 120) || 'file'
}

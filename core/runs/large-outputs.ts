import { findArtifact } from '#db/artifacts.ts'
import type { Reader, Tx } from '#db/db.ts'
import { storeArtifact } from '../artifacts/store.ts'
import type { Core } from '../core.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import type { StoredRun } from './stored.ts'

/** What may stand in a row; a list over many copies, or many outputs together, may be larger than what one tool may give. */
const OUTPUTS_MAX_BYTES = 5 * 1024 * 1024
/** Outputs smaller than this stay where they are. */
const WORTH_A_FILE_BYTES = 64 * 1024

/**
 * The same outputs when they may be kept in a row; otherwise the largest of them, until the rest may, are stored as files
 * and stand as `{artifactId, name, mediaType, sizeBytes}`.
 */
export async function keepLargeAsFiles(
  core: Pick<Core, 'ids'>,
  tx: Tx,
  run: StoredRun,
  outputs: JsonObject,
  nowMs: number,
): Promise<JsonObject> {
  const sizes = Object.entries(outputs).map(([name, value]) => ({ name, sizeBytes: sizeOf(value) }))
  let sizeBytes = sizes.reduce((sum, one) => sum + one.sizeBytes, 0)
  if (sizeBytes <= OUTPUTS_MAX_BYTES) return outputs
  const kept = { ...outputs }
  for (const { name, sizeBytes: own } of sizes.toSorted((one, other) => other.sizeBytes - one.sizeBytes)) {
    if (sizeBytes <= OUTPUTS_MAX_BYTES || own < WORTH_A_FILE_BYTES) break
    kept[name] = await asFile(core, tx, run, name, outputs[name] ?? null, nowMs)
    sizeBytes -= own
  }
  return kept
}

async function asFile(
  core: Pick<Core, 'ids'>,
  tx: Tx,
  { context, row }: StoredRun,
  output: string,
  value: Json,
  nowMs: number,
): Promise<JsonObject> {
  const isText = typeof value === 'string'
  const { id, name, mediaType, sizeBytes } = await storeArtifact(core, tx, {
    context,
    accountId: row.account_id,
    runId: row.id,
    name: `${row.job_key}-${output}.${isText ? 'md' : 'json'}`,
    mediaType: isText ? 'text/markdown' : 'application/json',
    bytes: Buffer.from(isText ? value : JSON.stringify(value)),
    nowMs,
  })
  return { artifactId: id, name, mediaType, sizeBytes }
}

/** As JSON; a text by its own length, which is what most outputs are and costs nothing to ask. */
const sizeOf = (value: Json): number =>
  typeof value === 'string' ? Buffer.byteLength(value) : Buffer.byteLength(JSON.stringify(value))

/** The file that stands for an output, when one does. Anybody can write such an object: it must be a file of this very run. */
export async function storedFileOf(on: Reader, runId: string, value: Json): Promise<StoredFile | undefined> {
  if (!isJsonObject(value) || typeof value.artifactId !== 'string') return undefined
  const found = await findArtifact.first(on, { id: value.artifactId })
  if (found?.run_id !== runId) return undefined
  const { id, name, media_type, size_bytes } = found
  return { artifactId: id, name, mediaType: media_type, sizeBytes: size_bytes }
}

export interface StoredFile {
  artifactId: string
  name: string
  mediaType: string
  sizeBytes: number
}

import assert from 'node:assert/strict'
import { findArtifact, insertArtifact, insertBlob, insertBlobPiece, readBlob, readBlobPiece } from '#db/artifacts.ts'
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
  const hash = await storeBytes(tx, file.bytes)
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
  const bytes = found && (await readBytes(on, found.sha256, found.size_bytes))
  if (!found || !bytes) return undefined
  return {
    id: found.id,
    context: found.context,
    accountId: found.account_id,
    name: found.name,
    mediaType: found.media_type,
    sizeBytes: found.size_bytes,
    bytes,
  }
}

/** A database copies each value several times on its way in and out; so much at once is not worth counting. */
const PIECE_BYTES = 1024 * 1024

/** Under their hash; bytes that are there already stay as they are, in whatever pieces. */
async function storeBytes(tx: Tx, bytes: Uint8Array): Promise<string> {
  const hash = sha256(bytes)
  const isNew = (await insertBlob.run(tx, { sha256: hash, bytes: bytes.subarray(0, PIECE_BYTES) })) > 0
  if (!isNew) return hash
  for (let piece = 1; piece * PIECE_BYTES < bytes.byteLength; piece++) {
    const at = piece * PIECE_BYTES
    await insertBlobPiece.run(tx, { sha256: hash, piece, bytes: bytes.subarray(at, at + PIECE_BYTES) })
  }
  return hash
}

async function readBytes(on: Reader, hash: string, sizeBytes: number): Promise<Uint8Array | undefined> {
  const first = (await readBlob.first(on, { sha256: hash }))?.bytes
  if (!first || first.byteLength === sizeBytes) return first
  const whole = new Uint8Array(sizeBytes)
  whole.set(first)
  let at = first.byteLength
  for (let piece = 1; at < sizeBytes; piece++) {
    const more = await readBlobPiece.first(on, { sha256: hash, piece })
    assert(more, 'What a file consists of stands where it stands')
    whole.set(more.bytes, at)
    at += more.bytes.byteLength
  }
  return whole
}

/** A file name without path, control characters or direction marks, of a length every system takes. */
function safeName(name: string): string {
  const base = name.split(/[/\\]/).at(-1) ?? ''
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  return base.replaceAll(/[\u0000-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '').slice(0, 120) || 'file'
}

import { statement } from './statement.ts'

export const insertBlob = statement((q, p: { sha256: string; bytes: Uint8Array }) =>
  q
    .insertInto('artifact_blob')
    .values({ sha256: p.sha256, bytes: p.bytes })
    .onConflict((conflict) => conflict.doNothing()),
)

export const insertBlobPiece = statement((q, p: { sha256: string; piece: number; bytes: Uint8Array }) =>
  q.insertInto('artifact_blob_piece').values({ sha256: p.sha256, piece: p.piece, bytes: p.bytes }),
)

export const insertArtifact = statement(
  (
    q,
    p: {
      id: string
      context: string
      accountId: string
      runId: string | null
      name: string
      mediaType: string
      sizeBytes: number
      sha256: string
      nowMs: number
    },
  ) =>
    q.insertInto('artifact').values({
      id: p.id,
      context: p.context,
      account_id: p.accountId,
      run_id: p.runId,
      name: p.name,
      media_type: p.mediaType,
      size_bytes: p.sizeBytes,
      sha256: p.sha256,
      created_at_ms: p.nowMs,
    }),
)

export const findArtifact = statement((q, p: { id: string }) =>
  q.selectFrom('artifact').selectAll().where('id', '=', p.id),
)

export const listArtifactsOfRun = statement((q, p: { runId: string }) =>
  q.selectFrom('artifact').selectAll().where('run_id', '=', p.runId).orderBy('id'),
)

export const readBlob = statement((q, p: { sha256: string }) =>
  q.selectFrom('artifact_blob').select('bytes').where('sha256', '=', p.sha256),
)

/** Undefined behind the last. */
export const readBlobPiece = statement((q, p: { sha256: string; piece: number }) =>
  q.selectFrom('artifact_blob_piece').select('bytes').where('sha256', '=', p.sha256).where('piece', '=', p.piece),
)

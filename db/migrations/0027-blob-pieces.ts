import type { Migration } from './migration.ts'

/**
 * What follows the first piece of a large file. A value of 25 MB is copied several times over on its way into either
 * database, one of a piece is not worth counting. The file stays what its hash says: `artifact_blob` holds its beginning.
 */
export const blobPieces: Migration = {
  name: '0027-blob-pieces',
  up: () => [
    `CREATE TABLE artifact_blob_piece (
  sha256 TEXT NOT NULL REFERENCES artifact_blob (sha256),
  piece {int} NOT NULL CHECK (piece > 0),
  bytes {blob} NOT NULL,
  PRIMARY KEY (sha256, piece)
){table}`,
  ],
  down: (dialect) => [joined[dialect], 'DROP TABLE artifact_blob_piece'],
}

/** The pieces put together again, in their order. */
const joined = {
  sqlite: `UPDATE artifact_blob SET bytes = CAST(bytes || (
  SELECT group_concat(p.bytes, '' ORDER BY p.piece) FROM artifact_blob_piece p WHERE p.sha256 = artifact_blob.sha256
) AS BLOB) WHERE sha256 IN (SELECT sha256 FROM artifact_blob_piece)`,
  postgres: `UPDATE artifact_blob SET bytes = bytes || (
  SELECT string_agg(p.bytes, ''::bytea ORDER BY p.piece) FROM artifact_blob_piece p WHERE p.sha256 = artifact_blob.sha256
) WHERE sha256 IN (SELECT sha256 FROM artifact_blob_piece)`,
}

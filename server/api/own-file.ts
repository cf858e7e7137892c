import { readArtifact } from '#core/artifacts/store.ts'
import type { IncomingFile } from '#core/chat/message.ts'
import type { Core } from '#core/core.ts'
import { AppError } from '#core/errors.ts'

/** A file that the person has uploaded, as one that comes with what they say. Somebody else's is not there. */
export async function ownFile(core: Pick<Core, 'db'>, accountId: string, id: string): Promise<IncomingFile> {
  const file = await readArtifact(core.db, id)
  if (!file || file.accountId !== accountId) throw new AppError('not_found', `There is no file ${id} of yours.`)
  return { name: file.name, mediaType: file.mediaType, sizeBytes: file.sizeBytes, fetchRef: file.id }
}

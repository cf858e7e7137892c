import type { webApi } from '@slack/bolt'
import type { IncomingFile, Part } from '#core/chat/message.ts'
import { cut } from '#core/cut.ts'
import { AppError } from '#core/errors.ts'
import type { Address } from './address.ts'
import { isAtSlack } from './hosts.ts'
import { clean } from './inlines.ts'

export type FilePart = Extract<Part, { type: 'file' }>

const FILE_MAX_BYTES = 50 * 1024 * 1024
const TRANSFER_MAX_MS = 120_000
const NAME_MAX = 120
const UNSAFE_IN_NAME = /[\n\t"/\\]/g

/** A step of an upload failed before anything was to be seen, so the whole of it may be done again. */
export class NotShared extends Error {
  override name = 'NotShared'
}

/** A name as it goes into an address and onto a disk: one line, no folders, and not longer than those take. */
const uploadName = (name: string): string => cut(clean(name).replace(UNSAFE_IN_NAME, '_').trim(), NAME_MAX) || 'file'

/** Uploads a file and shares it where the message went. Rejects with `NotShared`, its cause inside, until the last step. */
export async function shareFile(
  client: webApi.WebClient,
  apiUrl: string,
  to: Address,
  file: FilePart,
  bytes: Uint8Array,
): Promise<string> {
  const fileId = await upload(client, apiUrl, uploadName(file.name), bytes).catch((cause: unknown) => {
    throw new NotShared('The file could not be uploaded', { cause })
  })
  await client.files.completeUploadExternal({
    files: [{ id: fileId, title: uploadName(file.name) }],
    channel_id: to.channel,
    ...(to.threadTs ? { thread_ts: to.threadTs } : {}),
  } as webApi.FilesCompleteUploadExternalArguments)
  return fileId
}

async function upload(client: webApi.WebClient, apiUrl: string, name: string, bytes: Uint8Array): Promise<string> {
  const { upload_url = '', file_id = '' } = await client.files.getUploadURLExternal({
    filename: name,
    length: bytes.byteLength,
  })
  if (!isAtSlack(upload_url, apiUrl)) throw new Error('Slack gave no address to upload to')
  const response = await fetch(upload_url, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: Buffer.from(bytes),
    redirect: 'error',
    signal: AbortSignal.timeout(TRANSFER_MAX_MS),
  })
  await response.body?.cancel()
  if (!response.ok) throw new Error(`The upload was answered with ${response.status}`)
  return file_id
}

/** The bytes of a file that came with a message. `too_large` past 50 MB; other failures are errors of the connection. */
export async function downloadFile(apiUrl: string, botToken: string, file: IncomingFile): Promise<Uint8Array> {
  if (!isAtSlack(file.fetchRef, apiUrl)) throw new Error('The file is not at Slack')
  const response = await fetch(file.fetchRef, {
    headers: { authorization: `Bearer ${botToken}` },
    // Slack sends whoever may not read a file to its sign-in page.
    redirect: 'error',
    signal: AbortSignal.timeout(TRANSFER_MAX_MS),
  })
  if (!response.ok) throw new Error(`Slack answered the download with ${response.status}`)
  const chunks: Uint8Array[] = []
  let sizeBytes = Number(response.headers.get('content-length') ?? 0)
  if (sizeBytes > FILE_MAX_BYTES) throw tooLarge(file.name)
  sizeBytes = 0
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > FILE_MAX_BYTES) throw tooLarge(file.name)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const tooLarge = (name: string): AppError => new AppError('too_large', `${name} is larger than 50 MB.`)

import type { Api } from 'grammy'
import type { Message } from 'grammy/types'
import type { IncomingFile } from '#core/chat/message.ts'
import { AppError } from '#core/errors.ts'
import { failureOf, says } from './errors.ts'

/** What the Bot API hands out; a larger file never reaches a bot. */
const DOWNLOAD_MAX_BYTES = 20 * 1024 * 1024
const DOWNLOAD_TIMEOUT_MS = 120_000
const NAME_MAX = 120
// biome-ignore lint/suspicious/noControlCharactersInRegex: these would end the header, or the name in it
const UNSAFE_IN_NAME = /[\u0000-\u001f\u007f";\\/]/g

/** The files of a message; of a photo its largest size. */
export function filesOf(message: Message): IncomingFile[] {
  const { document, photo, audio, video, voice } = message
  const largest = photo?.toSorted((one, other) => one.width * one.height - other.width * other.height).at(-1)
  return [
    // An animation comes with a document that is the same file.
    ...(document ? [fileOf(document, document.file_name ?? 'file', document.mime_type)] : []),
    ...(largest ? [fileOf(largest, `photo-${largest.file_unique_id}.jpg`, 'image/jpeg')] : []),
    ...(audio ? [fileOf(audio, audio.file_name ?? 'audio.mp3', audio.mime_type)] : []),
    ...(video ? [fileOf(video, video.file_name ?? 'video.mp4', video.mime_type)] : []),
    ...(voice ? [fileOf(voice, 'voice.ogg', voice.mime_type)] : []),
  ]
}

const fileOf = (file: { file_id: string; file_size?: number }, name: string, mediaType?: string): IncomingFile => ({
  name,
  mediaType: mediaType ?? 'application/octet-stream',
  sizeBytes: file.file_size ?? 0,
  fetchRef: file.file_id,
})

/** A name that goes into a form as it stands: the library puts no quotes around it. */
export const uploadName = (name: string): string =>
  name.toWellFormed().replace(UNSAFE_IN_NAME, '_').trim().slice(0, NAME_MAX).toWellFormed() || 'file'

/** The bytes of a file that somebody sent. Throws AppError, in words for whoever sent it. */
export async function download(
  { api, apiRoot, token }: { api: Api; apiRoot: string; token: string },
  file: IncomingFile,
): Promise<Uint8Array> {
  if (file.sizeBytes > DOWNLOAD_MAX_BYTES) throw tooLarge(file)
  const path = await pathOf(api, file)
  try {
    const response = await fetch(`${apiRoot}/file/bot${token}/${path}`, {
      signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS),
    })
    if (response.status === 404) throw gone(file)
    if (!response.ok) throw unreachable(file)
    return await readWhole(response, file)
  } catch (error) {
    // Whatever fetch says has the address in it, and the token in that.
    throw error instanceof AppError ? error : unreachable(file)
  }
}

async function pathOf(api: Api, file: IncomingFile): Promise<string> {
  try {
    const { file_path } = await api.getFile(file.fetchRef)
    if (file_path !== undefined) return file_path
  } catch (error) {
    if (says(error, 'file is too big')) throw tooLarge(file)
    if (failureOf(error).outcome !== 'refused') throw unreachable(file)
  }
  throw gone(file)
}

async function readWhole(response: Response, file: IncomingFile): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > DOWNLOAD_MAX_BYTES) throw tooLarge(file)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const tooLarge = ({ name }: IncomingFile): AppError =>
  new AppError('too_large', `${name} is larger than 20 MB, and Telegram gives bots no larger files.`)
const gone = ({ name }: IncomingFile): AppError =>
  new AppError('not_found', `Telegram does not have ${name} any more. Please send it again.`)
const unreachable = ({ name }: IncomingFile): AppError =>
  new AppError('busy', `${name} could not be fetched from Telegram just now. Please try again.`)

import type { IncomingFile } from '#core/chat/message.ts'
import { AppError } from '#core/errors.ts'
import type { UserCall } from '../command.ts'

/** What a run's inputs may be at most; a larger file could never be one. */
const TEXT_FILE_MAX_BYTES = 1024 * 1024

/** The text in a file that came with a message. Refused: `too_large`, and `unsupported_media_type` for what is no text. */
export async function textOfFile({ download }: Pick<UserCall, 'download'>, file: IncomingFile): Promise<string> {
  if (file.sizeBytes > TEXT_FILE_MAX_BYTES) throw tooLarge(file)
  const bytes = await download(file)
  if (bytes.byteLength > TEXT_FILE_MAX_BYTES) throw tooLarge(file)
  const text = decode(bytes)
  if (text === undefined) {
    throw new AppError('unsupported_media_type', `${file.name} is not a text file. I can read UTF-8 text up to 1 MiB.`)
  }
  return text
}

const tooLarge = ({ name }: IncomingFile): AppError =>
  new AppError('too_large', `${name} is larger than 1 MiB, which is the most I can take as an input.`)

function decode(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll('\r\n', '\n')
  } catch {
    return undefined
  }
}

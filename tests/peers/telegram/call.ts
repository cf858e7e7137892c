import type { Args } from './args.ts'
import type { UploadedFile } from './types.ts'

/** One request on its way through a method. */
export interface Call {
  readonly method: string
  readonly args: Args
  readonly files: ReadonlyMap<string, UploadedFile>
  /** Told when the client goes away, so that a held poll lets go of its place. */
  readonly gone: AbortSignal
  /** Goes beside `result` in the answer, as it does for setWebhook. */
  note?: string
  /** Records what Telegram would let pass but a careful bot should not do. */
  violate(message: string): void
}

import { setTimeout as sleep } from 'node:timers/promises'

export interface GivenFile {
  name: string
  mediaType: string
  bytes: Uint8Array
}

export interface HeardFile {
  name: string
  /** Undefined where the platform goes by the name. */
  mediaType: string | undefined
  bytes: Uint8Array
}

/** A message of the bot, as its reader has it before them now. */
export interface Heard {
  id: string
  text: string
  buttons: readonly string[]
  /** Those of them that ask once more before they count. */
  asking?: readonly string[]
  files: readonly HeardFile[]
}

/** One person on one channel, alone with the bot. */
export interface Voice {
  /** `Telegram by polling`, for messages of failures. */
  channel: string
  say(text: string, file?: GivenFile): Promise<void>
  press(message: Heard, label: string): Promise<void>
  /** The messages of the bot, oldest first. */
  heard(): Promise<Heard[]>
}

/** As long as a machine that does other things beside it may take. */
const ANSWER_MS = 15_000

/** Messages that were not there before something was said, until one fits. */
export async function hear(
  voice: Voice,
  before: readonly Heard[],
  fits: (message: Heard) => boolean,
  timeoutMs = ANSWER_MS,
): Promise<Heard> {
  const known = new Set(before.map(({ id }) => id))
  const untilMs = performance.now() + timeoutMs
  for (;;) {
    const fresh = (await voice.heard()).filter(({ id }) => !known.has(id))
    const found = fresh.find(fits)
    if (found) return found
    if (performance.now() > untilMs) {
      const texts = fresh.map(({ text, files }) => JSON.stringify([text, files.map(({ name }) => name)])).join('\n  ')
      throw new Error(`On ${voice.channel} nothing fits after ${timeoutMs} ms; there is\n  ${texts || 'nothing'}`)
    }
    await sleep(25)
  }
}

/** Says something and gives the first answer that fits; any at all when it does not matter. */
export async function ask(
  voice: Voice,
  text: string,
  fits: RegExp | ((message: Heard) => boolean) = () => true,
  file?: GivenFile,
): Promise<Heard> {
  const before = await voice.heard()
  await voice.say(text, file)
  return hear(voice, before, fits instanceof RegExp ? (message) => fits.test(message.text) : fits)
}

/** Below this it may be a part of what others use as well, and is not worth it. */
const LARGE_BYTES = 1024 * 1024

/**
 * Gives memory back at once which the collection of garbage would give back several large mails later. For whoever made it
 * and is done with it: all that looks into it is empty afterwards. What is small, or shares its memory, stays; a second time
 * nothing happens.
 */
export function giveBack(bytes: Uint8Array): void {
  const { buffer } = bytes
  if (bytes.byteLength >= LARGE_BYTES && bytes.byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) {
    buffer.transfer(0)
  }
}

/** What is made of such a mail on the way is more than the program has at rest. */
const COLLECTED_FROM_BYTES = 2 * 1024 * 1024

/**
 * Has the pieces collected in which a large mail came, or was decoded, before the next step makes as many again: by itself V8 waits
 * until they are 64 MB. Takes some 50 ms, and does nothing without Node's `--expose-gc`.
 */
export function collectAfter(raw: Uint8Array): void {
  if (raw.byteLength >= COLLECTED_FROM_BYTES) globalThis.gc?.()
}

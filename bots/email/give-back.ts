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

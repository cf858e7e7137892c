export const HANDLE = /^[a-z0-9_-]{2,32}$/

/** A handle made from a name: `Ada Lovelace` → `ada-lovelace`. Empty when nothing of the name can be used. */
export function suggestHandle(name: string): string {
  const plain = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  const handle = plain
    .replace(/[^a-z0-9_-]+/g, '-')
    .slice(0, 32)
    .replace(/^-+|-+$/g, '')
  return HANDLE.test(handle) ? handle : ''
}

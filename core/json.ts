export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

/** The same text for the same value whatever the order of its keys: what hashes and comparisons are made from. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const keys = Object.keys(value).sort()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] as Json)}`).join(',')}}`
}

/** A field may be called `__proto__`; then it is that field, and nothing else. */
export const setField = (object: JsonObject, name: string, value: Json): void => {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
}

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether a value is nested at most so deep. Asks without going deep itself: what is deeper fills the stack of others. */
export function isShallow(value: unknown, depthMax: number): boolean {
  const toVisit = [{ value, depth: 0 }]
  for (let next = toVisit.pop(); next; next = toVisit.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue
    if (next.depth >= depthMax) return false
    for (const child of Object.values(next.value)) toVisit.push({ value: child, depth: next.depth + 1 })
  }
  return true
}

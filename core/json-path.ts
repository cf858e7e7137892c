import type { Json } from './json.ts'

/** The value at a path like `items.0.title`, undefined when it leads nowhere. Never leaves the data: no prototypes. */
export function readPath(value: Json, path: string): Json | undefined {
  let here: Json | undefined = value
  for (const key of path.split('.')) {
    if (here === undefined) return undefined
    here = memberOf(here, key)
  }
  return here
}

/** One step of it. */
export function memberOf(value: Json, key: string): Json | undefined {
  if (value === null || typeof value !== 'object') return undefined
  if (Array.isArray(value)) return /^\d+$/.test(key) ? value[Number(key)] : undefined
  return Object.hasOwn(value, key) ? value[key] : undefined
}

import type { World } from '../world/world.ts'
import { runCall } from './run.ts'

/** A webhook may answer an update with a method call of its own; nobody hears how it went. */
export function runReply(world: World, body: string): void {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return
  }
  if (typeof value !== 'object' || value === null || !('method' in value) || typeof value.method !== 'string') return
  const { method, ...rest } = value
  const values = new Map(
    Object.entries(rest).map(([name, item]) => [name, typeof item === 'string' ? item : JSON.stringify(item)]),
  )
  void runCall(world, method, { values, given: new Map(Object.entries(rest)), files: new Map(), oddities: [] })
}

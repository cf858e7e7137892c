import type { PriceUnit } from '../tools/tool.ts'

/** What a run keeps of the world as it was when it was submitted, so that nothing changes under it. */
export interface Pins {
  /** Price of each tool the run may use, by the name in jobs/price-key.ts. */
  prices: Record<string, { unit: PriceUnit; rateMicros: bigint; maxMicros: bigint }>
  /** Version of each nested job, by its name. */
  jobs: Record<string, { id: string; version: number }>
}

type StoredPrice = [unit: PriceUnit, rateMicros: string, maxMicros: string]

export function encodePins(pins: Pins): string {
  const prices = Object.entries(pins.prices).map(([toolId, { unit, rateMicros, maxMicros }]): [string, StoredPrice] => [
    toolId,
    [unit, rateMicros.toString(), maxMicros.toString()],
  ])
  return JSON.stringify({ prices: Object.fromEntries(prices), jobs: pins.jobs })
}

/** Most runs of a job have the same ones, and nobody changes them: those read lately are kept, by their text. */
const CACHE_SIZE = 500
const decoded = new Map<string, Pins>()

export function decodePins(json: string): Pins {
  const known = decoded.get(json)
  if (known) return known
  if (decoded.size >= CACHE_SIZE) decoded.clear()
  const pins = decodeNow(json)
  decoded.set(json, pins)
  return pins
}

function decodeNow(json: string): Pins {
  const { prices, jobs } = JSON.parse(json) as { prices: Record<string, StoredPrice>; jobs: Pins['jobs'] }
  const entries = Object.entries(prices).map(([toolId, [unit, rate, max]]): [string, Pins['prices'][string]] => [
    toolId,
    { unit, rateMicros: BigInt(rate), maxMicros: BigInt(max) },
  ])
  return { prices: Object.fromEntries(entries), jobs }
}

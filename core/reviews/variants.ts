import { cut } from '../cut.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'

/** One of what can be chosen. */
export interface Candidate {
  id: string
  label: string
  value: Json
}

const LABEL_MAX = 40

/**
 * What can be chosen among: the elements of the list that is shown as `variants`, else each thing that is shown. An
 * element goes by its `id` when it has one, else by its number from 1.
 */
export function candidatesOf(payload: JsonObject): Candidate[] {
  if (!Array.isArray(payload.variants)) {
    return Object.entries(payload).map(([id, value]) => ({ id, label: id, value }))
  }
  return payload.variants.map((value, index) => {
    const id = isJsonObject(value) && typeof value.id === 'string' ? value.id : String(index + 1)
    return { id, label: labelOf(value) ?? `Variant ${id}`, value }
  })
}

function labelOf(value: Json): string | undefined {
  const words = isJsonObject(value) ? (value.title ?? value.name ?? value.id) : value
  if (typeof words !== 'string' || words.trim() === '') return undefined
  const line = words.replaceAll(/\s+/g, ' ').trim()
  return line.length > LABEL_MAX ? `${cut(line, LABEL_MAX - 1)}…` : line
}

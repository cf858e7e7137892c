import { oneLine } from '../cut.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'

/** One of what can be chosen. */
export interface Candidate {
  id: string
  label: string
  value: Json
}

const LABEL_MAX = 40
/** What can be typed as one word. */
const PLAIN_ID = /^[A-Za-z][\w.-]{0,63}$/

/**
 * What can be chosen among: the elements of the list that is shown as `variants`, else each thing that is shown. An
 * element goes by its `id` when it has a plain one of its own, else by its number from 1.
 */
export function candidatesOf(payload: JsonObject): Candidate[] {
  const list = payload.variants
  if (!Array.isArray(list)) {
    return Object.entries(payload).map(([id, value]) => ({ id, label: id, value }))
  }
  return list.map((value, index) => {
    const own = isJsonObject(value) && typeof value.id === 'string' && PLAIN_ID.test(value.id) ? value.id : undefined
    const isTwin = own !== undefined && list.filter((other) => isJsonObject(other) && other.id === own).length > 1
    const id = own === undefined || isTwin ? String(index + 1) : own
    return { id, label: labelOf(value) ?? `Variant ${id}`, value }
  })
}

function labelOf(value: Json): string | undefined {
  const words = isJsonObject(value) ? (value.title ?? value.name ?? value.id) : value
  if (typeof words !== 'string' || words.trim() === '') return undefined
  return oneLine(words, LABEL_MAX)
}

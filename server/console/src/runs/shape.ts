import type { Part } from '#core/chat/message.ts'
import type { Json } from '../api/types.ts'

export type Shape =
  | { kind: 'nothing'; words: string }
  | { kind: 'text'; text: string }
  | { kind: 'table'; columns: string[]; rows: string[][] }
  | { kind: 'file'; file: Part & { type: 'file' } }
  | { kind: 'json'; text: string }

/** More than this beside each other nobody reads. */
const COLUMNS_MAX = 8

/** How a value is best looked at. A list is a table when its elements are flat and have the same few names. */
export function shapeOf(value: Json): Shape {
  if (value === null) return { kind: 'nothing', words: 'none' }
  if (typeof value === 'string') {
    return value.trim() === '' ? { kind: 'nothing', words: 'empty' } : { kind: 'text', text: value }
  }
  if (typeof value !== 'object') return { kind: 'text', text: String(value) }
  const file = fileOf(value)
  if (file) return { kind: 'file', file }
  if (!Array.isArray(value)) return asJson(value)
  if (value.length === 0) return { kind: 'nothing', words: 'an empty list' }
  return tableOf(value) ?? asJson(value)
}

/** A file that stands in a value by its id: what is too large to stand there itself. */
function fileOf(value: Json): (Part & { type: 'file' }) | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { artifactId, name, mediaType, sizeBytes } = value
  if (typeof artifactId !== 'string' || typeof name !== 'string') return undefined
  return {
    type: 'file',
    artifactId,
    name,
    mediaType: typeof mediaType === 'string' ? mediaType : '',
    sizeBytes: typeof sizeBytes === 'number' ? sizeBytes : 0,
  }
}

function tableOf(list: readonly Json[]): Shape | undefined {
  if (list.every(isFlat)) return { kind: 'table', columns: ['value'], rows: list.map((one) => [wordOf(one)]) }
  const columns = new Set<string>()
  for (const one of list) {
    if (typeof one !== 'object' || one === null || Array.isArray(one)) return undefined
    for (const [name, value] of Object.entries(one)) {
      if (!isFlat(value)) return undefined
      columns.add(name)
    }
  }
  if (columns.size === 0 || columns.size > COLUMNS_MAX) return undefined
  const names = [...columns]
  const rows = list.map((one) => names.map((name) => wordOf((one as { [name: string]: Json })[name] ?? null)))
  return { kind: 'table', columns: names, rows }
}

const isFlat = (value: Json): boolean => value === null || typeof value !== 'object'

const wordOf = (value: Json): string => (value === null ? '' : String(value))

const asJson = (value: Json): Shape => ({ kind: 'json', text: JSON.stringify(value, null, 2) })

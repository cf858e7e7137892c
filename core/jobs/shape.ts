import type { Problem } from '#core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '#core/json.ts'
import { describe, joinPath } from '#core/schema-words.ts'
import { didYouMean, suggest } from '#core/suggest.ts'
import { cut } from '../cut.ts'

/**
 * Reading a document that a person wrote: every problem is noted with its path, and what can be understood is kept, so
 * that later checks can go on and everything wrong is told in one answer.
 */
export interface Reading {
  problems: Problem[]
  /** Paths whose value was of no use and left out. Later checks must not complain that something is missing there. */
  dropped: Set<string>
}

/** Notes what is wrong with a value and gives what could be kept of it. */
export type Reader = (value: unknown, path: string, reading: Reading) => Json | undefined

/** A field as it stands in the document: `path` is where it is, also when its name was mistyped. */
export interface Entry {
  value: unknown
  path: string
}

export const newReading = (): Reading => ({ problems: [], dropped: new Set() })

export const note = (reading: Reading, path: string, message: string): void => {
  reading.problems.push({ path, message })
}

export function drop(reading: Reading, path: string, message: string): undefined {
  note(reading, path, message)
  reading.dropped.add(path)
}

export function text(options: { min?: number; max?: number; pattern?: RegExp; say?: string } = {}): Reader {
  const { min = 0, max = 2_000, pattern, say } = options
  return (value, path, reading) => {
    if (typeof value !== 'string') return drop(reading, path, `must be text, not ${describe(value)}`)
    if (value.trim().length < min) note(reading, path, 'must not be empty')
    else if (value.length > max) note(reading, path, `must have at most ${max} characters, not ${value.length}`)
    else if (pattern && !pattern.test(value)) note(reading, path, `must be ${say}, not ${cut(value, 60)}`)
    return value
  }
}

export function number(options: { min: number; max: number; isWhole?: boolean }): Reader {
  const { min, max, isWhole = true } = options
  const kind = isWhole ? 'a whole number' : 'a number'
  return (value, path, reading) => {
    if (typeof value !== 'number') return drop(reading, path, `must be ${kind}, not ${describe(value)}`)
    if (value < min || value > max || (isWhole && !Number.isInteger(value))) {
      note(reading, path, `must be ${kind} from ${min} to ${max}, not ${value}`)
    }
    return value
  }
}

export const flag: Reader = (value, path, reading) =>
  typeof value === 'boolean' ? value : drop(reading, path, `must be true or false, not ${describe(value)}`)

/** Anything that JSON can hold; the document as a whole was checked for that before. */
export const json: Reader = (value) => value as Json

export const jsonObject: Reader = (value, path, reading) =>
  isJsonObject(value) ? value : drop(reading, path, `must be an object, not ${describe(value)}`)

export function choice(...names: string[]): Reader {
  return (value, path, reading) => {
    if (typeof value === 'string' && names.includes(value)) return value
    const near = typeof value === 'string' ? didYouMean(value, names) : ''
    return drop(reading, path, `must be one of ${names.join(', ')}${near}`)
  }
}

/** `fallback` stands in for what is of no use, so that the others keep their places and their paths. */
export function list(item: Reader, options: { what: string; min?: number; max: number; fallback: Json }): Reader {
  return (value, path, reading) => {
    if (!Array.isArray(value)) return drop(reading, path, `must be a list, not ${describe(value)}`)
    if (value.length < (options.min ?? 0)) note(reading, path, 'must not be empty')
    if (value.length > options.max) {
      note(reading, path, `has ${value.length} ${options.what}; at most ${options.max} are allowed`)
    }
    return value
      .slice(0, options.max)
      .map((element, index) => item(element, joinPath(path, index), reading) ?? options.fallback)
  }
}

/** An object whose names the author chooses. */
export function record(item: Reader, options: { what: string; max: number; name: RegExp; say: string }): Reader {
  return (value, path, reading) => {
    if (!isJsonObject(value)) return drop(reading, path, `must be an object, not ${describe(value)}`)
    const names = Object.keys(value)
    if (names.length > options.max) {
      note(reading, path, `has ${names.length} ${options.what}; at most ${options.max} are allowed`)
    }
    const kept: [string, Json][] = []
    for (const name of names.slice(0, options.max)) {
      const at = joinPath(path, name)
      if (!options.name.test(name) || name === '__proto__') {
        note(reading, at, `must have another name: ${options.say}`)
        continue
      }
      const read = value[name] === undefined ? undefined : item(value[name], at, reading)
      if (read !== undefined) kept.push([name, read])
    }
    return Object.fromEntries(kept)
  }
}

/** An object with these fields and no others. */
export function object(fields: Record<string, Reader>, required: readonly string[] = []): Reader {
  return (value, path, reading) => {
    const entries = entriesOf(value, path, Object.keys(fields), reading)
    return entries && readFields(entries, path, fields, required, reading)
  }
}

/**
 * The fields of an object by their right names. An unknown one is a problem; when it must have meant a field that is
 * not there, its value is read as that field's.
 */
export function entriesOf(
  value: unknown,
  path: string,
  known: readonly string[],
  reading: Reading,
): Map<string, Entry> | undefined {
  if (!isJsonObject(value)) return drop(reading, path, `must be an object, not ${describe(value)}`)
  const entries = new Map<string, Entry>()
  const given = Object.keys(value).filter((name) => value[name] !== undefined)
  for (const name of given) {
    if (known.includes(name)) entries.set(name, { value: value[name], path: joinPath(path, name) })
  }
  for (const name of given.filter((candidate) => !known.includes(candidate))) {
    const meant = suggest(
      name,
      known.filter((candidate) => !entries.has(candidate)),
    )
    note(reading, joinPath(path, name), meant ? `is unknown; did you mean ${meant}?` : 'is unknown')
    if (meant) entries.set(meant, { value: value[name], path: joinPath(path, name) })
  }
  return entries
}

export function readFields(
  entries: Map<string, Entry>,
  path: string,
  fields: Record<string, Reader>,
  required: readonly string[],
  reading: Reading,
): JsonObject {
  const kept: [string, Json][] = []
  // In the order of the document, so that what is read and written again looks the same.
  for (const [name, entry] of entries) {
    const read = fields[name]?.(entry.value, entry.path, reading)
    if (read !== undefined) kept.push([name, read])
  }
  for (const name of required) if (!entries.has(name)) drop(reading, joinPath(path, name), 'is required')
  return Object.fromEntries(kept)
}

/** `toolId, jobId or wait` */
export const listed = (names: readonly string[], joiner = 'or'): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} ${joiner} ${names.at(-1)}`

/** The one name of a group that an object must have; noted and undefined when there is none or more than one. */
export function onlyOne(
  entries: Map<string, Entry>,
  path: string,
  names: readonly string[],
  reading: Reading,
): string | undefined {
  const found = names.filter((name) => entries.has(name))
  if (found.length === 1) return found[0]
  const has = found.length === 0 ? 'none' : listed(found, 'and')
  note(reading, path, `must have exactly one of ${listed(names)}, but has ${has}`)
  return undefined
}

import { canonicalJson, type Json } from '../json.ts'
import { readPath } from '../json-path.ts'
import type { Payload } from './payload.ts'

/** Which deliveries start something: all of it must be so. A list means any of its values. */
export interface TriggerFilter {
  headers?: Record<string, string | string[]>
  body?: Record<string, Json>
}

/** Why a delivery is none of the trigger's business; undefined when it is. */
export function whyIgnored({ headers = {}, body = {} }: TriggerFilter, payload: Payload): string | undefined {
  for (const [name, wanted] of Object.entries(headers)) {
    const lower = name.toLowerCase()
    const value = Object.hasOwn(payload.headers, lower) ? payload.headers[lower] : undefined
    if (!isOneOf(value, wanted)) return `The header ${name} is ${shown(value)}, not ${shown(wanted)}.`
  }
  for (const [path, wanted] of Object.entries(body)) {
    const value = readPath(payload.body, path)
    if (!isOneOf(value, wanted)) return `${path} in the body is ${shown(value)}, not ${shown(wanted)}.`
  }
  return undefined
}

function isOneOf(value: Json | undefined, wanted: Json): boolean {
  if (value === undefined) return false
  const isSame = (one: Json): boolean => canonicalJson(one) === canonicalJson(value)
  return isSame(wanted) || (Array.isArray(wanted) && wanted.some(isSame))
}

const SHOWN_MAX = 60

function shown(value: Json | undefined): string {
  if (value === undefined) return 'not there'
  const text = Array.isArray(value) ? value.map((one) => JSON.stringify(one)).join(' or ') : JSON.stringify(value)
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
}

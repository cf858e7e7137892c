import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { readPath } from '../json-path.ts'
import { renderTemplate } from '../tools/liquid.ts'
import { ToolError } from '../tools/tool.ts'
import type { RequestTemplate } from './provider.ts'

export interface RenderedRequest {
  method: string
  url: string
  headers: Record<string, string>
  /** Undefined for none. */
  body: Json | undefined
}

/**
 * Fills a provider's template. Values that go into the address are encoded, so that none can lead elsewhere. Throws a
 * ToolError (`bad_input`) for a name without a value.
 */
export function renderRequest(template: RequestTemplate, scope: JsonObject): RenderedRequest {
  const url = new URL(renderTemplate(template.url, encoded(scope) as JsonObject))
  for (const [name, text] of Object.entries(template.query)) url.searchParams.set(name, renderTemplate(text, scope))
  const headers = Object.entries(template.headers).map(([name, text]) => [name, renderTemplate(text, scope)] as const)
  return {
    method: template.method,
    url: url.href,
    headers: Object.fromEntries(headers),
    body: template.method === 'GET' || template.body === null ? undefined : renderValue(template.body, scope),
  }
}

function encoded(value: Json): Json {
  if (typeof value === 'string') return encodeURIComponent(value)
  if (Array.isArray(value)) return value.map(encoded)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, encoded(inner)]))
}

/** One name and nothing else: what it stands for is put in as it is. */
const ALONE = /^\{\{-?\s*([A-Za-z_][\w-]*(?:\.[\w-]+)*)\s*-?\}\}$/

function renderValue(value: Json, scope: JsonObject): Json {
  if (typeof value === 'string') {
    const path = ALONE.exec(value.trim())?.[1]
    if (path === undefined) return renderTemplate(value, scope)
    const found = readPath(scope, path)
    if (found === undefined) throw new ToolError('bad_input', `“${path}” has no value.`)
    return found
  }
  if (Array.isArray(value)) return value.map((one) => renderValue(one, scope))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, renderValue(inner, scope)]))
}

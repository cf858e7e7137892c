import type { EndpointTable } from '#db/schema.ts'
import type { JsonObject } from '../json.ts'
import type { JsonSchema } from '../schema.ts'

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const
export type Method = (typeof METHODS)[number]

/** An HTTP call that a context has stored under a name. It is a tool there: `endpoint.<name>`. */
export interface EndpointDefinition {
  /** Unique in its context; a word of the tool's id. */
  name: string
  description: string
  method: Method
  url: string
  /** Between the defaults of the team and what a call gives. Kept encrypted; see hidden.ts. */
  headers: Record<string, string>
  /** Whose credential goes along, by id or name; null for none. */
  connection: string | null
  /** What `params` must be; null takes anything. */
  bodySchema: JsonSchema | null
  timeoutMs: number
  maxRequestBytes: number
  maxResponseBytes: number
  /** Nobody waits for what it says, and it never fails a step. */
  fireAndForget: boolean
  /** Name → path in the JSON that came back; only these are kept of it. Null keeps all. */
  response: Record<string, string> | null
}

export const TIMEOUT_MS = { min: 1_000, max: 30_000, usual: 5_000 }
export const REQUEST_BYTES = { max: 1_000_000, usual: 1_000_000 }
export const RESPONSE_BYTES = { max: 5_000_000, usual: 5_000_000 }

/** A word as in tool ids. */
export const NAME = /^[a-z][a-z0-9_-]{0,47}$/

const PREFIX = 'endpoint.'

export const toolIdOf = (name: string): string => `${PREFIX}${name}`

/** The endpoint that a tool stands for; undefined for every other tool. */
export const endpointOf = (toolId: string): string | undefined =>
  toolId.startsWith(PREFIX) ? toolId.slice(PREFIX.length) : undefined

/** As it is stored: in place of the headers' values there are masks. */
export const definitionOf = (row: Pick<EndpointTable, 'definition_json'>): EndpointDefinition => ({
  // Stored before there were connections, it names none.
  ...{ connection: null },
  ...(JSON.parse(row.definition_json) as EndpointDefinition),
})

/** Later layers win; names of headers are the same in any case. */
export function mergeHeaders(...layers: readonly unknown[]): Record<string, string> {
  const merged = new Map<string, [name: string, value: string]>()
  for (const layer of layers) {
    if (typeof layer !== 'object' || layer === null) continue
    for (const [name, value] of Object.entries(layer as JsonObject)) {
      if (typeof value === 'string') merged.set(name.toLowerCase(), [name, value])
    }
  }
  return Object.fromEntries(merged.values())
}

import type { ProviderTable } from '#db/schema.ts'
import type { Json } from '../json.ts'

/** A request with Liquid in its texts. `{{ name }}` alone is the value itself, of whatever type. */
export interface RequestTemplate {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH'
  /** Scheme and host stand as they are; what a template puts into the rest is encoded. */
  url: string
  headers: Record<string, string>
  query: Record<string, string>
  body: Json
}

/** Somebody who takes a job, works on it for a while and calls back: all that `http.job` needs to know of them. */
export interface ProviderDefinition {
  /** Unique in its context; what `http.job` is given as `provider`. */
  name: string
  description: string
  /** Whose credential goes along with `submit` and `poll`, by id or name; null for none. */
  connection: string | null
  /** Knows `params`, `callbackUrl` and `idempotencyKey`. */
  submit: RequestTemplate
  /** Asks how it stands, when no callback comes; knows `providerRunId`. */
  poll: RequestTemplate | null
  /** Where the answer to `submit` has the provider's own id. */
  runIdPath: string
  /** Paths into what a callback or a poll says. */
  statusPath: string
  successValues: string[]
  failureValues: string[]
  resultPath: string
  /** Where a failure is explained. */
  errorPath: string | null
  /** After this nothing is waited for any more. */
  deadlineMs: number
  /** Of one job, in dollars; null is not known, and then it cannot be used. */
  price: { unit: 'run'; rateUsd: string; maxUsd: string } | null
  /** Callbacks must be signed with it (Standard Webhooks); null: the token in the address is all there is. */
  secret: string | null
}

export const DEADLINE_MS = { min: 1_000, max: 7 * 24 * 60 * 60 * 1000 }

/** Shipped ones belong to the instance, like shipped jobs. */
export const SHIPPED = 'instance:shipped'

/** As it is stored: in place of its headers' values and its secret there are masks; see hidden.ts. */
export const providerOf = (row: Pick<ProviderTable, 'definition_json'>): ProviderDefinition => ({
  // Stored before there were connections, it names none.
  ...{ connection: null },
  ...(JSON.parse(row.definition_json) as ProviderDefinition),
})

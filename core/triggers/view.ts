import type { SignatureScheme } from '#db/schema.ts'
import type { DeliveryRow } from '#db/trigger-deliveries.ts'
import type { TriggerRow } from '#db/triggers.ts'
import { type Context, contextOf } from '../context.ts'
import { formatUsd, usdOrNull } from '../money.ts'
import type { TriggerFilter } from './filter.ts'
import type { TriggerMapping } from './mapping.ts'
import type { Payload } from './payload.ts'
import type { Example } from './terms.ts'

/** A trigger as clients see it: never its secret. */
export interface TriggerView {
  id: string
  name: string
  /** Where the other side sends its requests. */
  url: string
  jobId: string
  mapping: TriggerMapping
  filter: TriggerFilter
  example: Example | null
  scheme: SignatureScheme
  /** The last four characters of the secret, for those who may change it. */
  hint: string | null
  /** Counts the secrets it has had. */
  version: number
  context: Context
  /** Whose rights its runs have. */
  ownerId: string
  budgetUsd: string | null
  /** Of the budget: what is spent and what is held. */
  usedUsd: string | null
  ratePerMinute: number
  status: 'active' | 'paused'
  /** Why the last delivery started nothing; null when it did. */
  problem: { code: string; message: string; at: string } | null
  /** When deliveries were last turned away because there were too many. */
  cappedAt: string | null
  lastDeliveryAt: string | null
  createdAt: string
  rotatedAt: string | null
  mayChange: boolean
}

export interface DeliveryView {
  id: string
  receivedAt: string
  /** The sender's own name for it. */
  externalId: string | null
  status: DeliveryRow['status']
  runId: string | null
  runStatus: string | null
  costUsd: string | null
  reason: { code: string; message: string } | null
  sizeBytes: number
  /** The delivery of which this is a repetition, by hand. */
  replayOf: string | null
  /** What came, without secrets; null once it is forgotten. In lists it is left out. */
  payload?: Payload | null
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

export function triggerView(row: TriggerRow, publicUrl: string, mayChange: boolean): TriggerView {
  return {
    id: row.id,
    name: row.name,
    url: `${publicUrl}/hooks/${row.id}`,
    jobId: row.job_key,
    mapping: JSON.parse(row.mapping_json),
    filter: JSON.parse(row.filter_json),
    example: row.example_json === null ? null : JSON.parse(row.example_json),
    scheme: row.scheme,
    hint: mayChange ? row.hint : null,
    version: row.version,
    context: contextOf(row.context),
    ownerId: row.account_id,
    budgetUsd: usdOrNull(row.budget_micros),
    usedUsd: row.budget_micros === null ? null : formatUsd(row.committed_micros),
    ratePerMinute: row.rate_per_minute,
    status: row.status === 'active' ? 'active' : 'paused',
    problem:
      row.refused_code === null || row.refused_at_ms === null
        ? null
        : {
            code: row.refused_code,
            message: row.refused_reason ?? '',
            at: new Date(row.refused_at_ms).toISOString(),
          },
    cappedAt: row.capped_at_ms === 0 ? null : iso(row.capped_at_ms),
    lastDeliveryAt: iso(row.last_at_ms),
    createdAt: new Date(row.created_at_ms).toISOString(),
    rotatedAt: iso(row.rotated_at_ms),
    mayChange,
  }
}

type ListedDelivery = DeliveryRow & { run_status: string | null; run_cost_micros: bigint | null }

export const deliveryView = (row: ListedDelivery): DeliveryView => ({
  id: row.id,
  receivedAt: new Date(row.received_at_ms).toISOString(),
  externalId: row.external_id,
  status: row.status,
  runId: row.run_id,
  runStatus: row.run_status,
  costUsd: usdOrNull(row.run_cost_micros),
  reason: row.reason_code === null ? null : { code: row.reason_code, message: row.reason ?? '' },
  sizeBytes: row.size_bytes,
  replayOf: row.replay_of,
})

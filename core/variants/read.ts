import type { Reader } from '#db/db.ts'
import { findRun, type RunRow } from '#db/runs.ts'
import { findVariant } from '#db/variants.ts'
import type { Actor } from '../actor.ts'
import type { ChannelName } from '../chat/message.ts'
import type { Context } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError, notFound } from '../errors.ts'
import { sha256 } from '../ids.ts'
import { canonicalJson, type JsonObject } from '../json.ts'
import { readableRun } from '../runs/read.ts'
import type { StoredRun } from '../runs/stored.ts'
import { type Choice, choiceOf } from './choice.ts'
import { sourceRunOf } from './ids.ts'
import { hasVariant, variantIdsOf } from './list.ts'
import { rootRunOf } from './root.ts'

/** A variant as it is stored: what one run brought, perhaps edited since. */
export interface StoredVariant {
  id: string
  /** The run it is a variant of, whose context says who may see it. */
  run: StoredRun
  source: RunRow
  revision: number
  outputs: JsonObject
  edited: { accountId: string; handle: string; atMs: number } | null
  /** Which variant of the run is accepted: this one, another one, or none yet. */
  choice: Choice | undefined
}

/** As clients see it. `number` is its place among the variants of its run, from 1. */
export interface VariantView {
  id: string
  runId: string
  /** The run that made it; the same one unless it is one of several. */
  sourceRunId: string
  jobId: string
  context: Context
  number: number
  revision: number
  outputs: JsonObject
  edited: { accountId: string; at: string } | null
  accepted: { accountId: string; at: string; channel: ChannelName } | null
  createdAt: string
}

/** What is not there, not readable, has failed, or is kept back for want of money: no such variant. */
export async function readableVariant(on: Reader, actor: Actor, variantId: string): Promise<StoredVariant> {
  const sourceRunId = sourceRunOf(variantId)
  const row = await findVariant.first(on, { id: variantId })
  const run = sourceRunId && (await readableRun(on, actor, row?.run_id ?? sourceRunId).catch(asVariant))
  const source = run && (run.row.id === sourceRunId ? run.row : await findRun.first(on, { id: sourceRunId ?? '' }))
  // A nested run is a variant only where it was made as one.
  if (!source || (!row && source.parent_run_id !== null)) throw noVariant()
  const listed = (await variantIdsOf(on, [run.row])).get(run.row.id) ?? []
  if (!hasVariant(source.status) || !listed.includes(variantId)) throw noVariant()
  return {
    id: variantId,
    run,
    source,
    revision: row?.revision ?? 1,
    outputs: JSON.parse(row?.outputs_json ?? source.outputs_json ?? '{}'),
    edited:
      row?.edited_by && row.edited_at_ms
        ? { accountId: row.edited_by, handle: row.edited_handle ?? '', atMs: row.edited_at_ms }
        : null,
    choice: await choiceOf(on, run.row.id),
  }
}

const noVariant = () => notFound('such variant')
const asVariant = (error: unknown): never => {
  throw error instanceof AppError && error.code === 'not_found' ? noVariant() : error
}

/** A strong ETag: the revision, and a hash of the outputs as they are. */
export const etagOf = ({ revision, outputs }: Pick<StoredVariant, 'revision' | 'outputs'>): string =>
  `"${revision}-${sha256(canonicalJson(outputs)).slice(0, 32)}"`

export async function variantView(on: Reader, variant: StoredVariant): Promise<VariantView> {
  const { id, run, source, revision, outputs, edited, choice } = variant
  const ids = (await variantIdsOf(on, [run.row])).get(run.row.id) ?? []
  const isAccepted = choice?.variantId === id
  return {
    id,
    runId: run.row.id,
    sourceRunId: source.id,
    jobId: run.row.job_key,
    context: run.context,
    number: ids.indexOf(id) + 1,
    revision,
    outputs,
    edited: edited && { accountId: edited.accountId, at: new Date(edited.atMs).toISOString() },
    accepted: isAccepted
      ? { accountId: choice.accountId, at: new Date(choice.atMs).toISOString(), channel: choice.channel }
      : null,
    createdAt: new Date(source.finished_at_ms ?? source.created_at_ms).toISOString(),
  }
}

export async function getVariant(
  core: Pick<Core, 'db'>,
  actor: Actor,
  variantId: string,
): Promise<{ variant: VariantView; etag: string }> {
  const stored = await readableVariant(core.db, actor, variantId)
  return { variant: await variantView(core.db, stored), etag: etagOf(stored) }
}

/** All variants of a run, in their order; none as long as nothing has ended well. Of a variant's own run: those beside it. */
export async function variantsOfRun(
  core: Pick<Core, 'db'>,
  actor: Actor,
  runId: string,
): Promise<{ run: StoredRun; variants: VariantView[] }> {
  const asked = await readableRun(core.db, actor, runId)
  const root = await rootRunOf(core.db, runId)
  const run = root === runId ? asked : await readableRun(core.db, actor, root)
  const ids = (await variantIdsOf(core.db, [run.row])).get(root) ?? []
  const variants: VariantView[] = []
  for (const id of ids) variants.push(await variantView(core.db, await readableVariant(core.db, actor, id)))
  return { run, variants }
}

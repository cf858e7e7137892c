import type { Tx } from '#db/db.ts'
import { editVariantRow, insertRevision, insertVariant } from '#db/variants.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError, type Problem } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { JsonObject } from '../json.ts'
import { once } from '../once.ts'
import { requireSpender } from '../teams/spender.ts'
import { acceptedAlready } from './accept.ts'
import { etagOf, readableVariant, type StoredVariant, type VariantView, variantView } from './read.ts'

const OUTPUTS_MAX_BYTES = 5 * 1024 * 1024

export interface EditRequest {
  variantId: string
  /** All of them, as they shall be: outputs that are left out are gone. */
  outputs: JsonObject
  /** The ETag of what was read; `*` for whatever is there. */
  ifMatch: string | undefined
}

/**
 * Replaces a variant's outputs by a new revision; earlier ones are kept. Refused: `precondition_required` without an
 * ETag, `precondition_failed` with the current one when somebody else was faster, `conflict` once it was accepted,
 * `bad_input` for outputs that the job does not have. The same outputs again make no new revision.
 */
export async function editVariant(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  request: EditRequest,
): Promise<{ variant: VariantView; etag: string }> {
  const { variantId, outputs, ifMatch } = request
  const nowMs = core.clock.nowMs()
  const outputsJson = JSON.stringify(outputs)
  if (Buffer.byteLength(outputsJson) > OUTPUTS_MAX_BYTES) {
    throw new AppError('too_large', 'The outputs of a variant may have 5 MiB at most.')
  }
  return core.db.write(async function editVariantOnce(tx) {
    const input = { variantId, outputs, ifMatch: ifMatch ?? null }
    await once(tx, { actor, operation: 'variant.edit', input, nowMs }, async () => {
      const variant = await readableVariant(tx, actor, variantId)
      await requireSpender(tx, { ...actor, context: variant.run.context }, new Set())
      requireMatch(ifMatch, variant)
      if (variant.choice?.variantId === variantId) throw acceptedAlready(variant.choice, actor)
      requireKnownOutputs(variant, outputs)
      if (etagOf({ revision: variant.revision, outputs }) !== etagOf(variant)) {
        await writeRevision(tx, actor, variant, outputsJson, nowMs)
      }
      return null
    })
    const stored = await readableVariant(tx, actor, variantId)
    return { variant: await variantView(tx, stored), etag: etagOf(stored) }
  })
}

function requireMatch(ifMatch: string | undefined, variant: StoredVariant): void {
  if (ifMatch === undefined) {
    throw new AppError('precondition_required', 'Say in If-Match which revision you have read: its ETag.')
  }
  const etag = etagOf(variant)
  if (ifMatch.trim() === '*' || ifMatch.split(',').some((one) => one.trim() === etag)) return
  throw stale(etag)
}

const stale = (etag: string): AppError =>
  new AppError('precondition_failed', 'Somebody changed this variant since you read it. Read it again first.', {
    facts: { etag },
  })

/** Only what its job says there is; whether they come from the run or from a person makes no difference to who reads them. */
function requireKnownOutputs({ run, source }: StoredVariant, outputs: JsonObject): void {
  const before = JSON.parse(source.outputs_json ?? '{}') as JsonObject
  const known = new Set([...Object.keys(run.definition.outputs), ...Object.keys(before)])
  const problems: Problem[] = Object.keys(outputs)
    .filter((name) => !known.has(name))
    .map((name) => ({ path: `outputs.${name}`, message: 'is no output of this job' }))
  if (problems.length === 0) return
  const list = problems.map(({ path, message }) => `${path} ${message}`).join('; ')
  throw new AppError('bad_input', `The outputs do not fit: ${list}.`, { problems })
}

async function writeRevision(
  tx: Tx,
  actor: Actor,
  { id, run, source, revision }: StoredVariant,
  outputsJson: string,
  nowMs: number,
): Promise<void> {
  const { accountId } = actor
  await insertVariant.run(tx, { id, runId: run.row.id, sourceRunId: source.id, nowMs: source.created_at_ms })
  if ((await editVariantRow.run(tx, { id, revision, outputsJson, accountId, nowMs })) === 0) {
    // It changed between our reading and our writing.
    const now = await readableVariant(tx, actor, id)
    throw now.choice?.variantId === id ? acceptedAlready(now.choice, actor) : stale(etagOf(now))
  }
  await insertRevision.run(tx, { variantId: id, revision: revision + 1, outputsJson, accountId, nowMs })
  await appendEvents(tx, nowMs, [
    {
      type: 'variant.edited',
      actor: accountId,
      context: contextKey(run.context),
      subject: run.row.id,
      details: { variantId: id, revision: revision + 1, channel: actor.channel },
    },
  ])
}

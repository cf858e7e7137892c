import type { Tx } from '#db/db.ts'
import { closeVariant, insertChoice, insertVariant } from '#db/variants.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { once } from '../once.ts'
import { showRunCard } from '../runs/advance.ts'
import { requireContext } from '../teams/standing.ts'
import { type Choice, choiceOf } from './choice.ts'
import { readableVariant, type StoredVariant, type VariantView, variantView } from './read.ts'

/**
 * Accepts one variant of a run, as it is now; from then on it cannot be edited. The first who accepts decides: another
 * variant after it is refused (`conflict`, with who and when), the same one again changes nothing.
 */
export async function acceptVariant(
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>,
  actor: Actor,
  variantId: string,
): Promise<VariantView> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function acceptVariantOnce(tx) {
    await once(tx, { actor, operation: 'variant.accept', input: variantId, nowMs }, async () => {
      const variant = await readableVariant(tx, actor, variantId)
      await requireContext(tx, actor, variant.run.context, 'decide')
      await accept(core, tx, actor, variant, nowMs)
      return null
    })
    return variantView(tx, await readableVariant(tx, actor, variantId))
  })
}

async function accept(
  core: Pick<Core, 'clock' | 'ids' | 'queue'>,
  tx: Tx,
  actor: Actor,
  { id, run, source, revision }: StoredVariant,
  nowMs: number,
): Promise<void> {
  const runId = run.row.id
  const { accountId, channel } = actor
  await insertVariant.run(tx, { id, runId, sourceRunId: source.id, nowMs: source.created_at_ms })
  const chosen = await insertChoice.run(tx, { runId, variantId: id, revision, accountId, channel, nowMs })
  if (chosen === 0) {
    const before = (await choiceOf(tx, runId)) as Choice
    if (before.variantId === id) return
    throw acceptedAlready(before, actor)
  }
  if ((await closeVariant.run(tx, { id, revision, nowMs })) === 0) {
    throw new AppError('conflict', 'Somebody edited this variant just now. Look at it again before you accept it.')
  }
  await appendEvents(tx, nowMs, [
    {
      type: 'variant.accepted',
      actor: accountId,
      context: contextKey(run.context),
      subject: runId,
      details: { variantId: id, revision, channel },
    },
  ])
  // On its card it shows who decided, and the button is gone.
  await showRunCard(core, tx, run)
}

/** Why there is nothing to accept or edit any more. */
export function acceptedAlready({ accountId, handle, atMs, variantId }: Choice, actor: Actor): AppError {
  const who = accountId === actor.accountId ? 'You' : `@${handle}`
  const at = `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return new AppError('conflict', `${who} accepted a variant of this run already, on ${at}.`, {
    facts: { variantId, acceptedBy: accountId },
  })
}

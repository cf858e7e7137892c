import { closeCallback, noteSubmitted, openCallback, schedulePoll } from '#db/callbacks.ts'
import type { Tx } from '#db/db.ts'
import type { ProviderTable } from '#db/schema.ts'
import { SealError } from '../connections/seal.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { hashSecret } from '../ids.ts'
import { JOB_TOOL } from '../jobs/price-key.ts'
import { providersFor } from '../providers/find.ts'
import { callbackAt, hideSecrets, wholeProvider } from '../providers/hidden.ts'
import { providerOf } from '../providers/provider.ts'
import type { Happened, StepWork } from '../runs/decide.ts'
import { hasStepEnded } from '../runs/states.ts'
import type { StoredRun } from '../runs/stored.ts'
import type { Submitted } from '../tools/tool.ts'
import { pollDelayMs } from './poll.ts'
import { recordOutcome } from './record.ts'
import { callbackToken } from './token.ts'

type Needs = Pick<Core, 'queue' | 'settings'>
type ToolWork = StepWork & { kind: 'tool' }

/**
 * What waiting for a provider brings with it, in the transaction of the step's own move: the wait is stored before the
 * provider is called, it learns what the provider answered, and it is over when the step is. Runs without such steps
 * pay nothing for it.
 */
export async function followCallbacks(
  core: Needs,
  tx: Tx,
  run: StoredRun,
  {
    starting,
    changed,
    happened,
    nowMs,
  }: { starting: readonly ToolWork[]; changed: Iterable<number>; happened: Happened; nowMs: number },
): Promise<void> {
  if (!run.definition.steps.some((step) => 'toolId' in step && step.toolId === JOB_TOOL)) return
  for (const work of starting) if (work.toolId === JOB_TOOL) await open(core, tx, run, work, nowMs)
  const changedSeqs = [...changed]
  if (happened.type === 'step_submitted' && changedSeqs.includes(happened.seq)) {
    await note(core, tx, { key: happened.callbackKey, submitted: happened.submitted, nowMs })
  }
  for (const seq of changedSeqs) {
    const step = run.state.steps[seq]
    if (step && hasStepEnded(step.status)) await closeCallback.run(tx, { runId: run.row.id, seq })
  }
}

async function open({ settings }: Needs, tx: Tx, run: StoredRun, work: ToolWork, nowMs: number): Promise<void> {
  const name = work.input.provider ?? run.toolDefaults[JOB_TOOL]?.provider
  const provider = (await providersFor(tx, contextKey(run.context))).get(String(name))
  // The step will say that there is none.
  if (!provider) return
  const key = `${run.row.id}:${work.idempotencySuffix}`
  const sealed = sealedFor(settings, key, provider, contextKey(run.context))
  if (sealed === undefined) return
  await openCallback.run(tx, {
    key,
    tokenHash: hashSecret(callbackToken(settings.authSecret, key)),
    runId: run.row.id,
    seq: work.seq,
    context: contextKey(run.context),
    providerJson: provider.definition_json,
    sealed,
    nowMs,
  })
}

/** The provider's secrets, for this wait alone; null when it has none, undefined when they cannot be read. */
function sealedFor(
  { keyring }: Core['settings'],
  key: string,
  provider: ProviderTable,
  context: string,
): string | null | undefined {
  if (provider.sealed === null) return null
  try {
    return hideSecrets(keyring, callbackAt({ key, context }), wholeProvider(keyring, provider)).sealed
  } catch (error) {
    if (error instanceof SealError) return undefined
    throw error
  }
}

async function note(
  core: Needs,
  tx: Tx,
  { key, submitted, nowMs }: { key: string; submitted: Submitted; nowMs: number },
): Promise<void> {
  const { providerRunId, outcome } = submitted
  const row = await noteSubmitted.first(tx, { key, providerRunId })
  if (!row) return
  const told = { ...core, clock: { nowMs: () => nowMs } }
  if (outcome) await recordOutcome(told, tx, row, outcome, { by: 'answer', bodyHash: null, providerRunId })
  else if (row.state === 'open' && providerOf({ definition_json: row.provider_json }).poll && row.provider_run_id) {
    await schedulePoll.run(tx, { key, polls: 0, nextPollAtMs: nowMs + pollDelayMs(0) })
  }
}

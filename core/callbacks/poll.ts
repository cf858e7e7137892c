import { type CallbackRow, listCallbacks, schedulePoll } from '#db/callbacks.ts'
import { credentialFor, readable } from '../connections/use.ts'
import type { Core } from '../core.ts'
import { OutboundError } from '../outbound/outbound.ts'
import { guardedWay } from '../providers/guarded.ts'
import { wholeProviderOfWait } from '../providers/hidden.ts'
import { outcomeOf } from '../providers/outcome.ts'
import { providerOf } from '../providers/provider.ts'
import { renderRequest } from '../providers/render.ts'
import { hasRunEnded } from '../runs/states.ts'
import type { StoredRun } from '../runs/stored.ts'
import { signed } from '../signing/signed.ts'
import { jsonOf } from '../tools/http-call.ts'
import { ToolError } from '../tools/tool.ts'
import { recordOutcome } from './record.ts'

/** How long after the submission, and after each poll, the next one comes: twice as long each time. */
const POLL_FIRST_MS = 5_000
const POLL_LAST_MS = 60_000
const DOUBLINGS_MAX = 10
const POLL_TIMEOUT_MS = 10_000
const ANSWER_BYTES_MAX = 1024 * 1024

export const pollDelayMs = (polls: number): number =>
  Math.min(POLL_LAST_MS, POLL_FIRST_MS * 2 ** Math.min(polls, DOUBLINGS_MAX))

/** The waits of a run that are to be asked about now, and when the next one is. Asks nothing when no step waits so. */
export async function pollsOf(
  { db, clock }: Pick<Core, 'db' | 'clock'>,
  run: StoredRun,
): Promise<{ due: CallbackRow[]; nextAtMs: number | null }> {
  const waiting = run.state.steps.filter(({ status, waitFor }) => status === 'waiting' && waitFor === 'callback')
  if (waiting.length === 0 || hasRunEnded(run.state.status)) return { due: [], nextAtMs: null }
  const nowMs = clock.nowMs()
  const seqs = new Set(waiting.map(({ seq }) => seq))
  const open = (await listCallbacks.all(db, { runId: run.row.id })).filter(
    ({ seq, state, next_poll_at_ms }) => seqs.has(seq) && state === 'open' && next_poll_at_ms !== null,
  )
  const due = open.filter(({ next_poll_at_ms }) => Number(next_poll_at_ms) <= nowMs)
  const later = open.map(({ next_poll_at_ms }) => Number(next_poll_at_ms)).filter((atMs) => atMs > nowMs)
  return { due, nextAtMs: later.length === 0 ? null : Math.min(...later) }
}

/**
 * Asks a provider how a job stands, and stores its end or when to ask again. Whatever goes wrong is asked again later: the
 * deadline stands behind it. Never rejects because of the provider.
 */
export async function pollProvider(
  core: Pick<Core, 'db' | 'clock' | 'queue' | 'settings' | 'outbound' | 'log'>,
  row: CallbackRow,
  signal: AbortSignal,
): Promise<void> {
  const provider = providerOf({ definition_json: row.provider_json })
  const said = await ask(core, row, signal)
  const outcome = said === undefined ? undefined : outcomeOf(provider, said)
  await core.db.write(async function notePoll(tx) {
    if (outcome) {
      await recordOutcome(core, tx, row, outcome, { by: 'poll', bodyHash: null, providerRunId: null })
      return
    }
    const polls = row.polls + 1
    await schedulePoll.run(tx, { key: row.key, polls, nextPollAtMs: core.clock.nowMs() + pollDelayMs(polls) })
  })
}

async function ask(core: Parameters<typeof pollProvider>[0], row: CallbackRow, signal: AbortSignal) {
  try {
    const provider = readable('secrets of the provider', () => wholeProviderOfWait(core.settings.keyring, row))
    const { poll } = provider
    if (!poll) return undefined
    const credential = await credentialFor(core, row.context, provider.connection)
    const { method, url, headers } = renderRequest(poll, { providerRunId: row.provider_run_id })
    const way = await signed(core, row.context, `${row.key}:poll:${row.polls}`)
    const outbound = guardedWay(way, provider, credential)
    const limits = { timeoutMs: POLL_TIMEOUT_MS, maxResponseBytes: ANSWER_BYTES_MAX, signal }
    const answer = await outbound.request({ method, url, headers, ...limits })
    return answer.status < 300 ? jsonOf(answer) : undefined
  } catch (error) {
    if (!(error instanceof OutboundError || error instanceof ToolError)) throw error
    core.log.debug({ callback: row.key, reason: error.message }, 'A provider could not be asked')
    return undefined
  }
}

import { findAccount } from '#db/accounts.ts'
import { findSecretCode, insertSecretCode, spendSecretCode } from '#db/credentials.ts'
import type { Reader, Tx } from '#db/db.ts'
import { findTeam } from '#db/teams.ts'
import { newCode } from '../accounts/codes.ts'
import type { Actor } from '../actor.ts'
import { type Context, contextKey, contextOf } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { hashSecret, sha256 } from '../ids.ts'
import { canonicalJson, type Json, type JsonObject } from '../json.ts'
import { showMoment } from '../moment.ts'
import { formatUsd } from '../money.ts'
import { once } from '../once.ts'
import type { WaitingFor } from './funds-wait.ts'
import { prepareRun, requestHashOf } from './prepare.ts'
import type { HowToRun, PreparedRun, RunRequest } from './request.ts'
import { findReplay, submitPrepared } from './submit.ts'

const KIND = 'confirm'
const LIFETIME_MS = 24 * 60 * 60 * 1000

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'log' | 'settings' | 'outbound' | 'models'>

export type Started =
  | { runId: string; waitingFor?: WaitingFor }
  /** Nothing is held yet: `code` starts exactly this run, once, within a day. */
  | { ask: { code: string; expiresAtMs: number }; prepared: PreparedRun }

/**
 * Starts a run, or asks first where it may cost more than this person or team lets pass unasked. Refused like
 * `submitRun`. The same request key again gives the same run, or the same question.
 */
export async function startRun(core: Needs, actor: Actor, request: RunRequest): Promise<Started> {
  const before = await findReplay(core.db, actor, requestHashOf(actor.context, request))
  if (before) return before
  const prepared = await prepareRun(core, actor, request)
  if (prepared.quote.maxMicros > (await confirmAboveMicros(core, actor.context))) {
    return { ask: await askToConfirm(core, actor, prepared), prepared }
  }
  return core.db.write(async function startRunAtOnce(tx) {
    return submitPrepared(core, tx, actor, prepared, request.conversation)
  })
}

/** Above this a run is confirmed first: as the person or team decided, else the instance. */
export async function confirmAboveMicros(core: Pick<Core, 'db' | 'settings'>, context: Context): Promise<bigint> {
  const { id } = context
  const own = context.type === 'team' ? await findTeam.first(core.db, { id }) : await findAccount.first(core.db, { id })
  return own?.confirm_above_micros ?? core.settings.confirmAboveMicros
}

/** Keeps a run that was not started yet, with its exact inputs, for the person who asked for it. */
async function askToConfirm(
  core: Pick<Core, 'db' | 'clock' | 'ids'>,
  actor: Actor,
  prepared: PreparedRun,
): Promise<{ code: string; expiresAtMs: number }> {
  const nowMs = core.clock.nowMs()
  const { inputs, how } = prepared
  const question = { ...questionOf(actor.context, prepared), inputs, how }
  return core.db.write(async function askToConfirmOnce(tx) {
    // The code may stand in the stored answer: it is of use to this account alone.
    return once(tx, { actor, operation: 'run.ask', input: question.hash, nowMs }, async () => {
      const code = newCode(core.ids)
      const expiresAtMs = nowMs + LIFETIME_MS
      await insertSecretCode.run(tx, {
        hash: hashSecret(code),
        kind: KIND,
        accountId: actor.accountId,
        payloadJson: JSON.stringify(question),
        nowMs,
        expiresAtMs,
      })
      return { code, expiresAtMs }
    })
  })
}

/**
 * Starts what was asked for, once, for the person who was asked: the use of the code and the run are one transaction.
 * Refused: `forbidden` for others, `conflict` when it was answered or is not the same any more (version, price),
 * `expired`, and like `submitRun`. The same request key again gives the same run.
 */
export async function confirmRun(
  core: Needs,
  actor: Actor,
  { code, conversation }: { code: string; conversation?: string },
): Promise<{ runId: string; waitingFor?: WaitingFor }> {
  const nowMs = core.clock.nowMs()
  const question = await openQuestion(core.db, actor, code, nowMs)
  if ('runId' in question) return question
  const { context, target, inputs, how, hash } = question
  const payer = { ...actor, context: contextOf(context) }
  const prepared = await prepareRun(core, payer, { target, inputs, ...(how ? { how } : {}) })
  if (questionOf(payer.context, prepared).hash !== hash) throw changed(prepared)
  return core.db.write(async function confirmRunOnce(tx) {
    const submitted = await submitPrepared(core, tx, payer, prepared, conversation)
    const { runId } = submitted
    const answer = { context, hash, runId, requestKey: actor.requestKey ?? null }
    if (await spend(tx, code, answer, nowMs)) return submitted
    // Another press was faster; this run is undone with the refusal.
    throw answered(nowMs, 'started')
  })
}

/** Says no: nothing is started, and the code starts nothing any more. */
export async function declineRun(core: Pick<Core, 'db' | 'clock'>, actor: Actor, code: string): Promise<void> {
  const nowMs = core.clock.nowMs()
  await core.db.write(async function declineRunOnce(tx) {
    await once(tx, { actor, operation: 'run.decline', input: hashSecret(code), nowMs }, async () => {
      const question = await openQuestion(tx, actor, code, nowMs)
      if ('runId' in question) throw answered(nowMs, 'started')
      // A confirmation that came at the same moment was faster: its run has started.
      const isMine = await spend(tx, code, { context: question.context, declined: true }, nowMs)
      if (!isMine) throw answered(nowMs, 'started')
      await appendEvents(tx, nowMs, [
        { type: 'run.declined', actor: actor.accountId, context: question.context, subject: actor.accountId },
      ])
      return null
    })
  })
}

interface Question {
  context: string
  target: RunRequest['target']
  inputs: JsonObject
  how?: HowToRun
  hash: string
}

/** What is confirmed: who pays, what runs in which version, with which inputs, for how much at most. */
function questionOf(context: Context, prepared: PreparedRun): { context: string; target: JsonObject; hash: string } {
  const key = contextKey(context)
  const [step] = prepared.definition.steps
  const target: JsonObject =
    prepared.jobId === null && step && 'toolId' in step ? { tool: step.toolId } : { job: prepared.jobKey }
  const { jobVersion, inputs, quote, how } = prepared
  const exact: Json = { context: key, target, jobVersion, inputs, maxUsd: formatUsd(quote.maxMicros), ...how }
  return { context: key, target, hash: sha256(canonicalJson(exact)) }
}

/** The question behind a code while it is open; the run it led to when this same request started it. */
async function openQuestion(
  on: Reader,
  actor: Actor,
  code: string,
  nowMs: number,
): Promise<Question | { runId: string }> {
  const row = await findSecretCode.first(on, { kind: KIND, hash: hashSecret(code) })
  if (!row) throw new AppError('not_found', 'There is nothing to confirm under this code.')
  if (row.account_id !== actor.accountId) {
    throw new AppError('forbidden', 'Only the person who asked for this run can confirm it.')
  }
  const payload = JSON.parse(row.payload_json)
  if (row.used_at_ms !== null) {
    if (payload.runId && payload.requestKey && payload.requestKey === actor.requestKey) return { runId: payload.runId }
    throw answered(row.used_at_ms, payload.runId ? 'started' : 'declined')
  }
  if (row.expires_at_ms <= nowMs) throw new AppError('expired', 'This was asked more than a day ago. Start it again.')
  return payload
}

async function spend(tx: Tx, code: string, payload: JsonObject, nowMs: number): Promise<boolean> {
  const hash = hashSecret(code)
  return (await spendSecretCode.run(tx, { kind: KIND, hash, payloadJson: JSON.stringify(payload), nowMs })) === 1
}

function answered(atMs: number, how: 'started' | 'declined'): AppError {
  const what = how === 'started' ? 'started this already' : 'called this off already'
  return new AppError('conflict', `You ${what}, on ${showMoment(atMs)}.`)
}

const changed = ({ definition }: PreparedRun): AppError =>
  new AppError(
    'conflict',
    `${definition.displayName} is not what it was when you were asked: its steps or prices changed. Start it again.`,
  )

import type { Reader, Tx } from '#db/db.ts'
import { insertReview, listReviewsOfRun, type ReviewRow } from '#db/reviews.ts'
import { findRun, type RunRow } from '#db/runs.ts'
import { noteQuestion } from '../agents/run/begin-pause.ts'
import type { Pause } from '../agents/run/pause.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { sha256 } from '../ids.ts'
import { hasAgents, hasReviews, type JobDefinition, type ReviewDefinition } from '../jobs/definition.ts'
import { canonicalJson, type JsonObject } from '../json.ts'
import { canSendBack, shownInReview } from '../runs/decide/shown.ts'
import type { Happened } from '../runs/decide.ts'
import { type Failure, RESULT_REVIEW, type RunState, type StepState } from '../runs/state.ts'
import type { StoredRun } from '../runs/stored.ts'
import { reviewKey } from './card-key.ts'
import { askToDecide, showReview } from './cards.ts'
import { endReview, tellReview } from './close.ts'
import { decidersOf, questionOf } from './deciders.ts'
import { type Terms, termsOf, termsOfCall } from './terms.ts'
import { nextLookMs } from './timers.ts'
import { candidatesOf } from './variants.ts'

type Needs = Pick<Core, 'ids' | 'clock' | 'queue'>

/** More people than this are not written to by themselves; they find it with /reviews. */
const SHOWN_TO_MAX = 50

/** Why nobody can be asked what a step asks; undefined when they can, and for steps that ask nothing. */
export function whyNotAskable({ definition, state }: StoredRun, step: StepState): Failure | undefined {
  if (reviewOf(definition, step)?.kind !== 'choose') return undefined
  if (candidatesOf(shownInReview(definition, state, step.seq)).length > 0) return undefined
  return {
    code: 'bad_input',
    message: `Step “${step.stepId}” asks people to choose, but there is nothing to choose among.`,
  }
}

/**
 * Keeps the reviews of a run in step with the steps that ask for them, in the transaction in which those move: one is
 * opened when a step begins to wait for people, and ended when it waits no more without their decision.
 */
export async function keepReviews(
  core: Needs,
  tx: Tx,
  {
    before,
    run,
    changed,
    happened,
    nowMs,
  }: { before: RunState; run: StoredRun; changed: Iterable<number>; happened: Happened; nowMs: number },
): Promise<void> {
  if (!hasReviews(run.definition) && !hasAgents(run.definition)) return
  for (const seq of changed) {
    const [was, is] = [before.steps[seq], run.state.steps[seq]]
    // A step that was sent back and waits again within one decision is told by its count of tries.
    if (isWaiting(was) && isWaiting(is) && was?.attempt === is?.attempt) continue
    if (isWaiting(was)) await endUnasked(core, tx, run, seq, nowMs)
    if (!is || !isWaiting(is)) continue
    const pause = happened.type === 'step_paused' && happened.seq === seq ? happened.pause : undefined
    if (pause?.for === 'review') await openForCall(core, tx, run, is, pause, nowMs)
    else await openForStep(core, tx, run, is, nowMs)
  }
}

const isWaiting = (step: StepState | undefined): boolean => step?.status === 'waiting' && step.waitFor === 'review'

/** A decided one has ended before. */
async function endUnasked(core: Needs, tx: Tx, run: StoredRun, seq: number, nowMs: number): Promise<void> {
  const reviews = await listReviewsOfRun.all(tx, { runId: run.row.id })
  const open = reviews.find((review) => review.seq === seq && review.status === 'open')
  if (!open) return
  const isOver = run.state.steps[seq]?.status === 'cancelled'
  const reason = isOver ? 'The run ended before anybody decided.' : 'What was asked about is being made anew.'
  await endReview(core, tx, open, { status: 'expired', by: null, reason, outcome: null }, nowMs)
}

async function openForStep(core: Needs, tx: Tx, run: StoredRun, step: StepState, nowMs: number): Promise<void> {
  const { definition, state, row } = run
  const asked = reviewOf(definition, step)
  if (!asked) return
  const root = await rootOf(tx, row)
  const { terms, needed } = await termsOf(tx, asked, {
    stakeMicros: root.held_micros > root.max_micros ? root.held_micros : root.max_micros,
    canSendBack: asked.takesChanges === true || canSendBack(definition, state, step.seq),
  })
  const payload = shownInReview(definition, state, step.seq)
  const { kind, prompt = null } = asked
  const what = { title: definition.displayName, kind, prompt, payload, terms, needed }
  await openReview(core, tx, run, step, what, root, nowMs)
}

/** An agent wants to make a call that needs somebody's approval. */
async function openForCall(
  core: Needs,
  tx: Tx,
  run: StoredRun,
  step: StepState,
  pause: Extract<Pause, { for: 'review' }>,
  nowMs: number,
): Promise<void> {
  if (pause.question === null) return
  const { title, prompt, payload, selfApproval } = pause.question
  const what = { title, kind: 'decide' as const, prompt, payload, terms: termsOfCall(selfApproval), needed: 1 }
  const review = await openReview(core, tx, run, step, what, await rootOf(tx, run.row), nowMs)
  await noteQuestion(tx, pause, review.id, nowMs)
}

interface What extends Pick<ReviewRow, 'title' | 'kind' | 'prompt' | 'needed'> {
  payload: JsonObject
  terms: Terms
}

async function openReview(
  core: Needs,
  tx: Tx,
  run: StoredRun,
  step: StepState,
  { payload, terms, ...what }: What,
  root: RunRow,
  nowMs: number,
): Promise<ReviewRow> {
  const { row } = run
  const earlier = (await listReviewsOfRun.all(tx, { runId: row.id })).filter(({ seq }) => seq === step.seq)
  const review: ReviewRow = {
    id: core.ids.newId('rev'),
    context: contextKey(run.context),
    run_id: row.id,
    root_run_id: root.id,
    seq: step.seq,
    step_id: step.stepId,
    round: earlier.length + 1,
    ...what,
    account_id: row.account_id,
    terms_json: JSON.stringify(terms),
    payload_json: JSON.stringify(payload),
    payload_hash: sha256(canonicalJson(payload)),
    votes: 0,
    status: 'open',
    outcome_json: null,
    closed_by: null,
    closed_reason: null,
    stood_in_at_ms: null,
    created_at_ms: nowMs,
    closed_at_ms: null,
  }
  await insertReview.run(tx, review)
  const details = { kind: review.kind, round: review.round, payloadHash: review.payload_hash }
  await tellReview(tx, review, 'review.opened', { actor: null, nowMs, details })
  await showEverywhere(core, tx, review, root)
  const lookAtMs = nextLookMs(terms, nowMs)
  if (lookAtMs === null) return review
  await core.queue.enqueue(tx, { kind: 'run', key: reviewKey(review.id), runAtMs: lookAtMs, fairGroup: review.context })
  return review
}

/** Where the run was started, and to each who may decide, alone, wherever they want to be asked. */
async function showEverywhere(core: Needs, tx: Tx, review: ReviewRow, root: RunRow): Promise<void> {
  const { channel, conversation } = root
  const thread = conversation === null ? undefined : { channel, conversation }
  if (thread) await showReview(core, tx, review, thread)
  const deciders = await decidersOf(tx, questionOf(review))
  for (const { accountId } of deciders.slice(0, SHOWN_TO_MAX))
    await askToDecide(core, tx, review, { accountId, thread })
}

const reviewOf = (definition: JobDefinition, { stepId }: StepState): ReviewDefinition | undefined => {
  if (stepId === RESULT_REVIEW) return definition.review
  const step = definition.steps.find((candidate) => candidate.stepId === stepId)
  return step && 'review' in step ? step.review : undefined
}

/** The run that a person started; a nested one stands under its money and is answered for by its starter. */
async function rootOf(on: Reader, row: RunRow): Promise<RunRow> {
  let here = row
  while (here.parent_run_id !== null) {
    const parent = await findRun.first(on, { id: here.parent_run_id })
    if (!parent) return here
    here = parent
  }
  return here
}

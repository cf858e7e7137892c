import type { Json, RunEvent } from '../api/types.ts'
import { formatDuration, formatUsd, isZero } from '../format.ts'

const WORDS: Record<string, string> = {
  'run.created': 'Asked for',
  'run.started': 'Began',
  'run.waiting': 'Waits',
  'run.resumed': 'Goes on',
  'run.succeeded': 'Done',
  'run.partially_completed': 'Done with gaps',
  'run.failed': 'Failed',
  'run.cancelled': 'Stopped',
  'run.payment_failed': 'Done, but not paid for',
  'run.settled': 'Settled',
  'run.released': 'Paid, and handed out',
  'run.funded': 'The money is there',
  'run.retried': 'Taken up again',
  'run.cancel_requested': 'Asked to stop',
  'step.started': 'began',
  'step.succeeded': 'done',
  'step.failed': 'failed',
  'step.retrying': 'is tried again',
  'step.waiting': 'waits',
  'step.skipped': 'skipped',
  'step.cancelled': 'stopped',
  'step.interrupted': 'was cut off',
  'step.reopened': 'is done again',
  'step.changes_requested': 'is to be changed',
  'review.opened': 'People are asked',
  'review.reminded': 'People are reminded',
  'review.stand_in': 'Others are asked too',
  'review.decided': 'Somebody decided',
  'review.approved': 'Approved',
  'review.rejected': 'Rejected',
  'review.changes_requested': 'Changes are asked for',
  'review.expired': 'Nobody decided in time',
  'callback.received': 'An answer came from outside',
  'variant.accepted': 'Accepted',
  'variant.edited': 'Edited',
  'variant.exported': 'Exported',
}

const WAITS: Record<string, string> = {
  timer: 'for its time',
  callback: 'for an answer from outside',
  review: 'for people who decide',
  job: 'for a run of its own',
  funds: 'for money',
}

/** One event in words: `Format: done · 1.2 s · $0.001`. What it does not know it says by its name. */
export function eventWords(
  { type, details }: Pick<RunEvent, 'type' | 'details'>,
  nameOf: (stepId: string) => string,
): string {
  const said = WORDS[type] ?? type.replaceAll(/[._]/g, ' ')
  const stepId = type.startsWith('step.') ? text(details.stepId) : undefined
  const place = typeof details.itemIndex === 'number' ? ` ${details.itemIndex + 1}` : ''
  const what = stepId === undefined ? said : `${nameOf(stepId)}${place}: ${said}`
  return [what + forWhat(details.for), ...factsOf(details)].join(' · ')
}

function forWhat(value: Json | undefined): string {
  const kinds = (Array.isArray(value) ? value : [value]).flatMap((kind) => WAITS[String(kind)] ?? [])
  return kinds.length > 0 ? ` ${kinds.join(' and ')}` : ''
}

function factsOf({ attempt, durationMs, delayMs, costUsd, message, reason }: RunEvent['details']): string[] {
  return [
    ...(typeof attempt === 'number' && attempt > 1 ? [`try ${attempt}`] : []),
    ...(typeof durationMs === 'number' ? [formatDuration(durationMs)] : []),
    ...(typeof delayMs === 'number' ? [`in ${formatDuration(delayMs)}`] : []),
    ...(typeof costUsd === 'string' && !isZero(costUsd) ? [formatUsd(costUsd)] : []),
    ...[message, reason].flatMap((one) => text(one) ?? []),
  ]
}

const text = (value: Json | undefined): string | undefined => (typeof value === 'string' && value ? value : undefined)

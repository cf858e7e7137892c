import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link, useNavigate } from 'react-router'
import { call, newKey, sentenceOf } from '../api/client.ts'
import type { Review, Run, RunStep } from '../api/types.ts'
import { notifyFailure } from '../app/notify.ts'
import { formatUsd } from '../format.ts'
import { Moment } from './moment.tsx'
import { useReview } from './queries.ts'
import css from './runs.module.css'

/** What a run waits for, and who can do something about it. */
export function Waiting({ run }: { run: Run }) {
  if (run.status !== 'waiting') return null
  const steps = run.steps.filter(({ status, waitsFor }) => status === 'waiting' && waitsFor)
  const others = steps.filter(({ waitsFor }) => waitsFor?.kind !== 'review' && waitsFor?.kind !== 'funds')
  return (
    <section className={css.section} aria-labelledby="run-waits" data-testid="run-waits">
      <h2 id="run-waits">Waits for</h2>
      <ul className={css.waits}>
        {run.waitingFor && <ForMoney lack={run.waitingFor} />}
        {run.reviewId && <ForReview runId={run.id} reviewId={run.reviewId} />}
        {others.map((step) => (
          <li key={step.stepId}>{stepWaits(step)}</li>
        ))}
        {!run.waitingFor && steps.length === 0 && !run.reviewId && <li>Its turn.</li>}
      </ul>
    </section>
  )
}

function ForMoney({ lack }: { lack: NonNullable<Run['waitingFor']> }) {
  return (
    <li>
      {lack.message} It needs {formatUsd(lack.neededUsd)}, and begins by itself when there is enough. It is kept until{' '}
      <Moment at={lack.expiresAt} />.
    </li>
  )
}

function stepWaits({ displayName, waitsFor, error, childRunId }: RunStep): ReactNode {
  const until = waitsFor?.until && <Moment at={waitsFor.until} />
  switch (waitsFor?.kind) {
    case 'callback':
      return (
        <>
          {displayName}: an answer from outside{until && <>, until {until} at the latest</>}.
        </>
      )
    case 'job':
      return (
        <>
          {displayName}: {childRunId ? <Link to={`/runs/${childRunId}`}>a run of its own</Link> : 'a run of its own'}
          {until && <>, until {until} at the latest</>}.
        </>
      )
    default:
      return (
        <>
          {displayName}: {error ? 'the next try' : 'its time'}
          {until && <>, at {until}</>}.
        </>
      )
  }
}

function ForReview({ runId, reviewId }: { runId: string; reviewId: string }) {
  const review = useReview(runId, reviewId)
  if (review.isError) return <li>People who decide. {sentenceOf(review.error)}</li>
  if (!review.data) return <li>People who decide.</li>
  if (review.data.status !== 'open') return null
  const { prompt, canDecide } = review.data
  return (
    <li>
      <div>{whoDecides(review.data)}</div>
      {prompt && <blockquote className={css.prompt}>{prompt}</blockquote>}
      {canDecide && <DecideButton reviewId={reviewId} />}
    </li>
  )
}

function whoDecides({ approvers: { people, roles, count }, decisions, canDecide }: Review): string {
  const others = [...people.map((handle) => `@${handle.replace(/^@/, '')}`), ...roles.map((role) => `the ${role}s`)]
  const who = canDecide ? 'Your decision' : `A decision of ${others.join(', ') || 'somebody who may'}`
  const rest = count > 1 ? ` (${decisions.length} of ${count} so far)` : ''
  return `${who}${rest}.`
}

/** Decisions are made in the chat, where the question stands with everything that belongs to it. */
function DecideButton({ reviewId }: { reviewId: string }) {
  const navigate = useNavigate()
  const show = useMutation({
    mutationFn: () =>
      call('POST', '/v1/chat/messages', { body: { text: `/review ${reviewId}` }, idempotencyKey: newKey() }),
    onSuccess: () => navigate('/chat'),
    onError: (error) => notifyFailure('The question could not be shown', sentenceOf(error)),
  })
  return (
    <Button
      size="compact-md"
      variant="default"
      onClick={() => show.mutate()}
      loading={show.isPending}
      data-testid="decide"
    >
      Decide in the chat
    </Button>
  )
}

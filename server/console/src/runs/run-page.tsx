import { Button, Skeleton } from '@mantine/core'
import { useEffect } from 'react'
import { Link, useParams } from 'react-router'
import { ApiError, sentenceOf } from '../api/client.ts'
import type { Run } from '../api/types.ts'
import { BackIcon } from '../app/icons.tsx'
import { useSession } from '../app/session.ts'
import { ProblemNote } from '../pages/card.tsx'
import { Actions } from './actions.tsx'
import { Facts } from './facts.tsx'
import { Fold } from './fold.tsx'
import { Log } from './log.tsx'
import { useRun } from './queries.ts'
import { Result } from './result.tsx'
import css from './runs.module.css'
import { RunBadge } from './status.tsx'
import { Steps } from './steps.tsx'
import { Values } from './value.tsx'
import { Waiting } from './waiting.tsx'
import { whoAndWhere } from './who.ts'

/** One run with everything about it, followed while it goes on. */
export function RunPage() {
  const { runId = '' } = useParams()
  const run = useRun(runId)
  // Also of one that was seen before: who left the team sees it no more.
  const isUnknown = run.error instanceof ApiError && (run.error.status === 404 || run.error.status === 400)
  if (run.data && !isUnknown)
    return <Shown key={runId} run={run.data} problem={run.isError ? sentenceOf(run.error) : undefined} />
  if (!run.isError) return <RunLoading />
  return (
    <div className={css.page} role="alert" data-testid={isUnknown ? 'run-unknown' : 'run-error'}>
      <h1>{isUnknown ? 'No such run' : 'The run could not be read'}</h1>
      <p>{isUnknown ? 'There is no such run, or it is not yours to see.' : sentenceOf(run.error)}</p>
      <div className={css.actions}>
        {!isUnknown && (
          <Button onClick={() => run.refetch()} loading={run.isFetching}>
            Try again
          </Button>
        )}
        <Button component={Link} to="/runs" variant="default">
          All runs
        </Button>
      </div>
    </div>
  )
}

function Shown({ run, problem }: { run: Run; problem: string | undefined }) {
  const { accountId } = useSession()
  useTitle(run.title)
  return (
    <article className={css.page} data-testid="run">
      <Link to="/runs" className={css.back}>
        <BackIcon size={18} />
        All runs
      </Link>
      <header className={css.head}>
        <div className={css.headWords}>
          <h1>{run.title}</h1>
          <p className={css.sub}>
            <code>{run.jobId}</code> · version {run.jobVersion} · started by {whoAndWhere(run.initiator, accountId)}
            {run.parentRunId && (
              <>
                {' '}
                · part of <Link to={`/runs/${run.parentRunId}`}>another run</Link>
              </>
            )}
          </p>
        </div>
        <div role="status">
          <RunBadge status={run.status} />
        </div>
      </header>
      {problem && <ProblemNote>{problem} What stands here may be old.</ProblemNote>}
      {run.error && (
        <div data-testid="run-problem">
          <ProblemNote>{run.error.message}</ProblemNote>
        </div>
      )}
      <Actions run={run} />
      <Facts run={run} />
      <Waiting run={run} />
      <Result run={run} />
      <section className={css.section} aria-labelledby="run-steps">
        <h2 id="run-steps">Steps</h2>
        <Steps steps={run.steps} />
      </section>
      <section className={css.section} aria-labelledby="run-inputs">
        <h2 id="run-inputs">Inputs</h2>
        <Fold summary="What went in" testId="run-inputs">
          <Values values={run.inputs} />
        </Fold>
      </section>
      <Log runId={run.id} steps={run.steps} />
    </article>
  )
}

function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Muster`
  }, [title])
}

const RunLoading = () => (
  <div className={css.page} role="status" aria-label="Loading the run">
    <Skeleton height={34} width="min(360px, 80%)" />
    <Skeleton height={18} width="min(480px, 100%)" />
    <Skeleton height={92} radius={12} />
    <Skeleton height={200} radius={12} />
  </div>
)

import { Button } from '@mantine/core'
import { useRef, useState } from 'react'
import { sentenceOf } from '../api/client.ts'
import type { Run, RunAction } from '../api/types.ts'
import { formatUsd } from '../format.ts'
import { ProblemNote } from '../pages/card.tsx'
import css from './runs.module.css'
import { useAction } from './use-action.ts'

const ALL: RunAction[] = ['cancel', 'retry', 'run_again']

/** What this person may do about the run now; the server says what that is. */
export function Actions({ run }: { run: Run }) {
  const [asksAgain, setAsksAgain] = useState(false)
  const box = useRef<HTMLDivElement>(null)
  const action = useAction(run.id, () => {
    setAsksAgain(false)
    // The button may go; whoever pressed it by keyboard goes on from here.
    box.current?.focus({ preventScroll: true })
  })
  const may = (one: RunAction): boolean => run.actions.includes(one)
  const isPending = (one: RunAction): boolean => action.isPending && action.variables === one
  if (!ALL.some(may)) return null
  return (
    <div className={css.doing} ref={box} tabIndex={-1}>
      <div className={css.actions}>
        {may('cancel') && (
          <Button
            variant="default"
            className={css.danger ?? ''}
            onClick={() => action.mutate('cancel')}
            loading={isPending('cancel')}
            data-testid="run-stop"
          >
            Stop
          </Button>
        )}
        {may('retry') && (
          <Button
            onClick={() => action.mutate('retry')}
            loading={isPending('retry')}
            disabled={action.isPending}
            data-testid="run-retry"
          >
            Retry
          </Button>
        )}
        {may('run_again') && !asksAgain && (
          <Button
            variant="default"
            onClick={() => setAsksAgain(true)}
            disabled={action.isPending}
            data-testid="run-again"
          >
            Run again
          </Button>
        )}
      </div>
      {may('run_again') && asksAgain && (
        <section className={css.ask} aria-label="Run again">
          <p>{`Another run with the same inputs, ≈ ${formatUsd(run.estimateUsd)} (max ${formatUsd(run.maxUsd)}).`}</p>
          <div className={css.actions}>
            <Button
              size="compact-md"
              onClick={() => action.mutate('run_again')}
              loading={isPending('run_again')}
              autoFocus
              data-testid="run-again-yes"
            >
              Run it
            </Button>
            <Button size="compact-md" variant="default" onClick={() => setAsksAgain(false)}>
              Leave it
            </Button>
          </div>
        </section>
      )}
      {action.isError && <ProblemNote>{sentenceOf(action.error)}</ProblemNote>}
    </div>
  )
}

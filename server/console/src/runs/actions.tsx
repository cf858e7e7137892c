import { Button } from '@mantine/core'
import { useRef, useState } from 'react'
import type { Confirm } from '#core/chat/message.ts'
import type { RunAction } from '#core/runs/actions.ts'
import { sentenceOf } from '../api/client.ts'
import type { Run } from '../api/types.ts'
import { ConfirmStep } from '../chat/parts/confirm.tsx'
import { formatUsd } from '../format.ts'
import { ProblemNote } from '../pages/card.tsx'
import css from './runs.module.css'
import { useAction } from './use-action.ts'

const ALL: RunAction[] = ['cancel', 'retry', 'run_again']

/** What this person may do about the run now; the server says what that is. What ends something, or costs anew, asks first. */
export function Actions({ run }: { run: Run }) {
  const [asked, setAsked] = useState<RunAction>()
  const box = useRef<HTMLDivElement>(null)
  const action = useAction(run.id, () => {
    setAsked(undefined)
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
            onClick={() => setAsked('cancel')}
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
        {may('run_again') && (
          <Button
            variant="default"
            onClick={() => setAsked('run_again')}
            loading={isPending('run_again')}
            disabled={action.isPending}
            data-testid="run-again"
          >
            Run again
          </Button>
        )}
      </div>
      {asked && may(asked) && !action.isPending && (
        <ConfirmStep
          confirm={questionOf(asked, run)}
          style={asked === 'cancel' ? 'danger' : 'primary'}
          isOff={false}
          onYes={() => action.mutate(asked)}
          onNo={() => {
            setAsked(undefined)
            box.current?.focus({ preventScroll: true })
          }}
        />
      )}
      {action.isError && <ProblemNote>{sentenceOf(action.error)}</ProblemNote>}
    </div>
  )
}

const questionOf = (asked: RunAction, run: Run): Confirm =>
  asked === 'cancel'
    ? {
        title: 'Stop this run?',
        text: 'What was done is paid; the rest of the money is free again.',
        yes: 'Yes, stop it',
        no: 'No',
      }
    : {
        title: 'Run it again?',
        text: `Another run with the same inputs, ≈ ${formatUsd(run.estimateUsd)} (max ${formatUsd(run.maxUsd)}).`,
        yes: 'Run it',
        no: 'No',
      }

import { Link } from 'react-router'
import type { RunStep } from '../api/types.ts'
import { formatDuration, formatUsd, isZero } from '../format.ts'
import { Fold } from './fold.tsx'
import { Moment } from './moment.tsx'
import css from './runs.module.css'
import { StepMark, stepLook } from './status.tsx'
import { Values } from './value.tsx'

/** So many copies of one step stand open; more are folded. */
const COPIES_SHOWN = 5

/** The steps in their order, copies of a step below it. */
export function Steps({ steps }: { steps: RunStep[] }) {
  const copies = new Map<string, RunStep[]>()
  for (const step of steps) {
    const of = originalOf(step)
    if (of === undefined) continue
    const known = copies.get(of)
    if (known) known.push(step)
    else copies.set(of, [step])
  }
  return (
    <ol className={css.steps} data-testid="run-steps">
      {steps
        .filter((step) => originalOf(step) === undefined)
        .map((step) => (
          <li key={step.stepId} className={css.step} data-testid={`step-${step.stepId}`}>
            <StepView step={step} />
            <Copies copies={copies.get(step.stepId) ?? []} />
          </li>
        ))}
    </ol>
  )
}

/** `lint` for the copy `lint[2]`. */
const originalOf = ({ stepId }: RunStep): string | undefined => /^(.+)\[\d+\]$/.exec(stepId)?.[1]

function Copies({ copies }: { copies: RunStep[] }) {
  if (copies.length === 0) return null
  const done = copies.filter(({ status }) => status === 'succeeded').length
  return (
    <Fold summary={`${done} of ${copies.length} done`} isOpen={copies.length <= COPIES_SHOWN}>
      <ol className={css.copies}>
        {copies.map((copy) => (
          <li key={copy.stepId} className={css.step}>
            <StepView step={copy} />
          </li>
        ))}
      </ol>
    </Fold>
  )
}

function StepView({ step }: { step: RunStep }) {
  const { stepId, displayName, toolId, status, output, error, childRunId } = step
  const place = /\[(\d+)\]$/.exec(stepId)?.[1]
  return (
    <div className={css.stepBody} data-status={stepLook(status)}>
      <StepMark status={status} />
      <div className={css.stepMain}>
        <div className={css.stepHead}>
          <span className={css.stepName}>
            {displayName}
            {place !== undefined && ` · ${Number(place) + 1}`}
          </span>
          <span className={css.stepFacts}>{factsOf(step).join(' · ')}</span>
        </div>
        <div className={css.stepSmall}>
          {toolId && <code>{toolId}</code>}
          {step.startedAt && (
            <span>
              began <Moment at={step.startedAt} />
            </span>
          )}
          {childRunId && <Link to={`/runs/${childRunId}`}>A run of its own</Link>}
        </div>
        {error && <p className={css.stepError}>{error.message}</p>}
        {output && Object.keys(output).length > 0 && (
          <Fold summary="What it brought" testId="step-output">
            <Values values={output} />
          </Fold>
        )}
      </div>
    </div>
  )
}

function factsOf({ attempts, costUsd, startedAt, finishedAt }: RunStep): string[] {
  return [
    ...(attempts > 1 ? [`${attempts} tries`] : []),
    ...(startedAt && finishedAt ? [formatDuration(Date.parse(finishedAt) - Date.parse(startedAt))] : []),
    ...(isZero(costUsd) ? [] : [formatUsd(costUsd)]),
  ]
}

import { Loader } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Part, ProgressStatus } from '#core/chat/message.ts'
import { CheckIcon, CrossIcon, DotIcon, PauseIcon, SkipIcon, StopIcon } from '../../app/icons.tsx'
import { parseWords } from '../markdown/inline.ts'
import { Inlines } from '../markdown/inlines.tsx'
import css from './progress.module.css'

type Progress = Part & { type: 'progress' }

const WORDS: Record<ProgressStatus, string> = {
  pending: 'Not started',
  running: 'Running',
  done: 'Done',
  failed: 'Failed',
  skipped: 'Skipped',
  cancelled: 'Stopped',
  waiting: 'Waiting',
}

/** A run as a card: what it is, how it stands, step by step. Icons and words say it; colour only helps. */
export function ProgressPart({ title, status, steps }: Omit<Progress, 'type'>) {
  const done = steps.filter((step) => step.status === 'done' || step.status === 'skipped').length
  return (
    <section className={css.card} data-status={status} aria-label={`${title}: ${WORDS[status]}`} data-testid="run-card">
      <header className={css.head}>
        <h3 className={css.title}>{title}</h3>
        <span className={css.badge} data-testid="run-status">
          <StatusIcon status={status} />
          {WORDS[status]}
        </span>
      </header>
      {steps.length > 0 && (
        <>
          <div className={css.bar} aria-hidden="true">
            <div style={{ transform: `scaleX(${done / steps.length})` }} />
          </div>
          <ol className={css.steps}>
            {steps.map((step, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: steps keep their order in a card
              <li key={index} data-status={step.status} className={css.step}>
                <span className={css.mark}>
                  <StatusIcon status={step.status} />
                </span>
                <span className={css.label}>{step.label}</span>
                <span className={css.note}>
                  <span className={step.note ? css.hidden : undefined}>{WORDS[step.status]}</span>
                  {step.note && (
                    <span>
                      {' '}
                      <Inlines inlines={parseWords(step.note)} />
                    </span>
                  )}
                </span>
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  )
}

const ICONS: Record<ProgressStatus, ReactNode> = {
  pending: <DotIcon size={16} />,
  running: <Loader size={14} type="oval" color="currentColor" aria-hidden="true" />,
  done: <CheckIcon size={16} />,
  failed: <CrossIcon size={16} />,
  skipped: <SkipIcon size={16} />,
  cancelled: <StopIcon size={16} />,
  waiting: <PauseIcon size={16} />,
}

const StatusIcon = ({ status }: { status: ProgressStatus }) => ICONS[status] ?? ICONS.pending

import type { Part } from '#core/chat/message.ts'
import { STATUS_WORDS, StatusIcon } from '../../app/status-icon.tsx'
import { parseWords } from '../markdown/inline.ts'
import { Inlines } from '../markdown/inlines.tsx'
import css from './progress.module.css'

type Progress = Part & { type: 'progress' }

/** A run as a card: what it is, how it stands, step by step. */
export function ProgressPart({ title, status, steps }: Omit<Progress, 'type'>) {
  const done = steps.filter((step) => step.status === 'done' || step.status === 'skipped').length
  return (
    <section
      className={css.card}
      data-status={status}
      aria-label={`${title}: ${STATUS_WORDS[status]}`}
      data-testid="run-card"
    >
      <header className={css.head}>
        <h3 className={css.title}>{title}</h3>
        <span className={css.badge} data-testid="run-status">
          <StatusIcon status={status} />
          {STATUS_WORDS[status]}
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
                  <span className={step.note ? css.hidden : undefined}>{STATUS_WORDS[step.status]}</span>
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

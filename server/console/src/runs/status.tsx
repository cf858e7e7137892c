import type { ProgressStatus } from '#core/chat/message.ts'
import type { RunStatus } from '#core/runs/states.ts'
import { STEP_PROGRESS } from '#core/runs/step-progress.ts'
import type { RunStep } from '../api/types.ts'
import { STATUS_WORDS, StatusIcon } from '../app/status-icon.tsx'
import css from './runs.module.css'

const OF_RUN: Record<RunStatus, { look: ProgressStatus; words: string }> = {
  queued: { look: 'pending', words: 'In line' },
  running: { look: 'running', words: 'Running' },
  waiting: { look: 'waiting', words: 'Waiting' },
  succeeded: { look: 'done', words: 'Done' },
  partially_completed: { look: 'done', words: 'Done with gaps' },
  failed: { look: 'failed', words: 'Failed' },
  cancelled: { look: 'cancelled', words: 'Stopped' },
  payment_failed: { look: 'failed', words: 'Not paid' },
}

export const isLive = (status: RunStatus): boolean =>
  status === 'queued' || status === 'running' || status === 'waiting'

export const stepLook = (status: RunStep['status']): ProgressStatus => STEP_PROGRESS[status] ?? 'pending'

/** How a run stands, as a badge. */
export function RunBadge({ status }: { status: RunStatus }) {
  const { look, words } = OF_RUN[status] ?? { look: 'pending', words: status }
  return (
    <span className={css.badge} data-status={look} data-testid="run-state">
      <StatusIcon status={look} />
      {words}
    </span>
  )
}

/** How a step stands: the icon, with its word for those who do not see it. */
export function StepMark({ status }: { status: RunStep['status'] }) {
  const look = stepLook(status)
  return (
    <span className={css.mark} data-status={look}>
      <StatusIcon status={look} />
      <span className={css.hidden}>{STATUS_WORDS[look]}</span>
    </span>
  )
}

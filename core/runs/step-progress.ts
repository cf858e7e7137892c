import type { ProgressStatus } from '../chat/message.ts'
import type { StepStatus } from './states.ts'

/** How a step looks to people, on cards and in the console: one that may begin has not begun. */
export const STEP_PROGRESS: Readonly<Record<StepStatus, ProgressStatus>> = {
  pending: 'pending',
  ready: 'pending',
  running: 'running',
  waiting: 'waiting',
  succeeded: 'done',
  failed: 'failed',
  skipped: 'skipped',
  cancelled: 'cancelled',
}

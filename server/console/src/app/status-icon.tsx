import { Loader } from '@mantine/core'
import type { ReactNode } from 'react'
import type { ProgressStatus } from '#core/chat/message.ts'
import { CheckIcon, CrossIcon, DotIcon, PauseIcon, SkipIcon, StopIcon } from './icons.tsx'

/** How each state reads. Icons and words say it; colour only helps. */
export const STATUS_WORDS: Record<ProgressStatus, string> = {
  pending: 'Not started',
  running: 'Running',
  done: 'Done',
  failed: 'Failed',
  skipped: 'Skipped',
  cancelled: 'Stopped',
  waiting: 'Waiting',
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

export const StatusIcon = ({ status }: { status: ProgressStatus }) => ICONS[status] ?? ICONS.pending

import type { Button, Confirm } from '../chat/message.ts'

const STOP: Confirm = {
  title: 'Stop this run?',
  text: 'What was done is paid; the rest of the money is free again.',
  yes: 'Yes, stop it',
  no: 'No',
}

const CANCEL: Confirm = {
  title: 'Cancel this run?',
  text: 'It will not begin by itself any more.',
  yes: 'Yes, cancel it',
  no: 'No',
}

/** Ends a run that is going on. */
export const stopButton = (runId: string, label = 'Stop'): Button => ({ ...ending(runId, label), confirm: STOP })

/** Ends one that waits for its money. */
export const cancelButton = (runId: string): Button => ({ ...ending(runId, 'Cancel'), confirm: CANCEL })

const ending = (runId: string, label: string): Button => ({ label, command: `/cancelrun ${runId}`, style: 'danger' })

/** Goes on where it failed, or pays what was kept back. */
export const retryButton = (runId: string): Button => ({ label: 'Retry', command: `/retry ${runId}`, style: 'primary' })

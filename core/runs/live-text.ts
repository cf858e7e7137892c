import { isTextHeard, tellText } from '../chat/live.ts'
import type { StepWork } from './decide.ts'
import type { StoredRun } from './stored.ts'

export interface LiveStep {
  write(piece: string): void
  /** The call is over, however it ended: what comes after it is nobody's. */
  end(): void
}

/** What a step writes, for whoever looks on; undefined for runs that were asked for nowhere, and while nobody looks. */
export function liveTextOf({ row }: StoredRun, { seq, attempt }: StepWork): LiveStep | undefined {
  const { id: runId, channel, conversation } = row
  if (conversation === null || !isTextHeard()) return undefined
  const told = { runId, channel, conversation, writer: `${seq}:${attempt}` }
  let isOver = false
  let hasWritten = false
  return {
    write(piece) {
      if (isOver || piece === '') return
      hasWritten = true
      tellText({ ...told, piece })
    },
    end() {
      if (hasWritten && !isOver) tellText({ ...told, piece: null })
      isOver = true
    },
  }
}

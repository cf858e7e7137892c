import type { RunView, StepView } from '#core/runs/view.ts'
import type { Output } from './output.ts'

const WORDS: Partial<Record<StepView['status'], string>> = {
  running: 'runs',
  waiting: 'waits',
  succeeded: 'done',
  failed: 'failed',
  skipped: 'skipped',
  cancelled: 'cancelled',
}

/** Says on standard error what became of each step since the last look; scripts that want JSON are left in peace. */
export function createProgress(output: Output): (run: RunView) => void {
  const told = new Map<string, string>()
  return ({ steps }) => {
    if (output.isJson) return
    for (const { stepId, status, error } of steps) {
      const words = WORDS[status]
      if (words === undefined || told.get(stepId) === words) continue
      told.set(stepId, words)
      output.note(`${stepId}: ${words}${error ? `, ${error.message}` : ''}`)
    }
  }
}

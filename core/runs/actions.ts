import { canRetryRun, hasRunEnded, type RunStatus } from './states.ts'

/** `retry` goes on where it failed, or pays what was kept back; `run_again` is another run with the same inputs. */
export type RunAction = 'cancel' | 'retry' | 'run_again'

/** What may still be done about a run, by who may spend where it runs. A nested one goes with the run it is a part of. */
export function actionsOn({ status, isNested }: { status: RunStatus; isNested: boolean }): RunAction[] {
  if (!hasRunEnded(status)) return ['cancel']
  if (isNested) return []
  if (status === 'payment_failed') return ['retry']
  return canRetryRun(status) ? ['retry', 'run_again'] : ['run_again']
}

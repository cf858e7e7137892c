import { stepInput } from '../runs/decide/scope.ts'
import type { StepState } from '../runs/state.ts'
import type { StoredRun } from '../runs/stored.ts'
import { boundsOf } from './bounds.ts'
import { modelKey } from './pins.ts'

/** The most that a step of a run may cost now that its whole input is known. A nested run has what was quoted for it. */
export function boundOfStep(
  {
    row,
    definition,
    pins,
    state,
    toolDefaults,
  }: Pick<StoredRun, 'row' | 'definition' | 'pins' | 'state' | 'toolDefaults'>,
  { seq, stepId }: Pick<StepState, 'seq' | 'stepId'>,
): bigint {
  const pin = pins.models?.[modelKey(definition.jobId, stepId)]
  const step = definition.steps.find((one) => one.stepId === stepId)
  if (!pin || !step || !('toolId' in step)) return 0n
  if (row.depth > 0) return pin.maxMicros
  const resolved = stepInput(definition, state, seq)
  if ('problem' in resolved) return 0n
  return boundsOf(step.toolId, { ...toolDefaults[step.toolId], ...resolved.input }, pin.choice).maxMicros
}

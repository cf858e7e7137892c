import { AppError } from '../errors.ts'
import type { ModelPins } from '../models/pins.ts'

/** The budgets stand otherwise than when the model was chosen: by now another one would be. */
class ChosenTooEarly extends AppError {
  constructor() {
    super('busy', 'The budgets have just changed, and with them which model is asked. Try again.')
  }
}

/**
 * In the transaction of the hold: that the models of a run were chosen as they would be now, when these budgets had run low
 * before it. Those of schedules, and of providers of other things than models, choose nothing.
 */
export function requireSameStanding(models: ModelPins | undefined, low: readonly string[] = []): void {
  if (!models) return
  const pins = Object.values(models)
  const choosing = low.filter((subject) => {
    if (subject.startsWith('provider:')) return pins.some(({ choice }) => subject === `provider:${choice.provider}`)
    return !subject.startsWith('schedule:')
  })
  const chosenLow = pins.some(({ standing }) => standing === 'low')
  if (chosenLow !== choosing.length > 0) throw new ChosenTooEarly()
}

/** So often is it worth it: each time somebody else has crossed a threshold in between. */
const TRIES = 5

/** Chooses and holds, and again when the standing has changed in between; refused (`busy`) when that does not come to rest. */
export async function choosingAnew<T>(attempt: () => Promise<T>): Promise<T> {
  for (let number = 1; ; number++) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof ChosenTooEarly) || number === TRIES) throw error
    }
  }
}
